// SPDX-License-Identifier: Apache-2.0
#include "xmpp/data_form.h"

#include <doctest/doctest.h>

#include "xml/parser.h"

using namespace meerkat;

namespace {

std::expected<DataForm, StanzaError> read(std::string_view content, std::string_view type = "submit") {
  xml::Parser parser;
  const std::string text = "<x xmlns='jabber:x:data' type='" + std::string{type} + "'>" + std::string{content} + "</x>";
  const auto index = parser.parse(text, xml::StreamScope::client(), xml::Limits{});
  REQUIRE(index.has_value());
  return DataForm::read(xml::Element{*index});
}

std::string refusal(std::string_view content, std::string_view type = "submit") {
  const auto form = read(content, type);
  return form ? "" : std::string{condition_name(form.error().condition)} + ": " + form.error().text;
}

}  // namespace

TEST_CASE("a form that was filled in tells its fields by their names") {
  const auto form = read(
      "<field type='hidden' var='FORM_TYPE'><value>jabber:bot</value></field>"
      "<field type='fixed'><value>Section 1</value></field>"
      "<field var='name'><value>Bot &amp; Co</value></field>"
      "<field var='features' type='list-multi'><value>news</value><value>search</value></field>"
      "<field var='empty'><value/></field><field var='none'/>"
      "<field var='odd' type='urn:example:odd'/><unknown xmlns='urn:example'/>");

  REQUIRE(form.has_value());
  CHECK(form->type() == FormType::submit);
  CHECK(form->form_type() == "jabber:bot");
  CHECK(form->value("name") == "Bot & Co");
  CHECK(form->values("features").size() == 2);
  CHECK(form->values("features")[1] == "search");
  CHECK(form->find("features")->type == FieldType::list_multi);
  CHECK(!form->find("name")->type.has_value());
  CHECK(form->find("odd")->type == FieldType::text_single);
  CHECK(form->value("empty") == "");
  CHECK(!form->value("none").has_value());
  CHECK(form->find("none") != nullptr);
  CHECK(form->find("nowhere") == nullptr);
  CHECK(form->values("nowhere").empty());
}

TEST_CASE("a boolean is written in one of four words, and everything else is none") {
  const auto form = read(
      "<field var='a'><value>1</value></field><field var='b'><value>true</value></field>"
      "<field var='c'><value>0</value></field><field var='d'><value>false</value></field>"
      "<field var='e'><value>yes</value></field><field var='f'/>");

  REQUIRE(form.has_value());
  CHECK(form->boolean("a") == true);
  CHECK(form->boolean("b") == true);
  CHECK(form->boolean("c") == false);
  CHECK(form->boolean("d") == false);
  CHECK(!form->boolean("e").has_value());
  CHECK(!form->boolean("f").has_value());
}

TEST_CASE("a form that says something twice, or nothing at all, is refused") {
  CHECK(refusal("<field><value>1</value></field>") == "bad-request: each field of a form has a var");
  CHECK(refusal("<field var='a'/><field var='a'/>") == "bad-request: the form has a field twice: a");
  CHECK(refusal("", "maybe") == "bad-request: the type of a form is form, submit, cancel or result");
  CHECK(refusal("", "cancel") == "");
}

TEST_CASE("a form has a bound, however small its fields and values are") {
  std::string fields;
  for (std::size_t i = 0; i < DataForm::most_fields; ++i) fields += "<field var='" + std::to_string(i) + "'/>";
  CHECK(refusal(fields) == "");
  CHECK(refusal(fields + "<field var='more'/>") == "not-acceptable: the form has too many fields");

  std::string values;
  for (std::size_t i = 0; i < DataForm::most_values; ++i) values += "<value/>";
  CHECK(refusal("<field var='a'>" + values + "</field>") == "");
  CHECK(refusal("<field var='a'>" + values + "<value/></field>") == "not-acceptable: the form has too many values");
}

TEST_CASE("only an element of data forms is read as one") {
  xml::Parser parser;
  const auto index = parser.parse("<x xmlns='urn:example' type='submit'/>", xml::StreamScope::client(), xml::Limits{});
  REQUIRE(index.has_value());

  CHECK(!DataForm::read(xml::Element{*index}).has_value());
}

TEST_CASE("a form to be filled in shows what is asked, and in which way it can be answered") {
  FormWriter form{FormType::form,
                  {.form_type = "urn:example:form", .title = "Rooms & more", .instructions = "Fill in."}};
  form.field({.var = "size",
              .type = FieldType::list_single,
              .values = {"2"},
              .label = "Size",
              .description = "How large?",
              .is_required = true,
              .options = {{"two", "2"}, {"many", "<3"}}});

  CHECK(form.element().str() ==
        "<x xmlns='jabber:x:data' type='form'>"
        "<title>Rooms &amp; more</title><instructions>Fill in.</instructions>"
        "<field var='FORM_TYPE' type='hidden'><value>urn:example:form</value></field>"
        "<field var='size' type='list-single' label='Size'><desc>How large?</desc><required/><value>2</value>"
        "<option label='two'><value>2</value></option><option label='many'><value>&lt;3</value></option></field></x>");
}

TEST_CASE("a table has its head before its rows") {
  FormWriter form{FormType::result};
  form.reported(std::vector<FormField>{{.var = "jid", .type = FieldType::jid_single, .label = "Address"}})
      .item(std::vector<FormField>{{.var = "jid", .values = {"alice@localhost"}}});

  CHECK(form.element().str() ==
        "<x xmlns='jabber:x:data' type='result'>"
        "<reported><field var='jid' type='jid-single' label='Address'/></reported>"
        "<item><field var='jid'><value>alice@localhost</value></field></item></x>");
}
