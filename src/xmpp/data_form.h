// SPDX-License-Identifier: Apache-2.0
// XEP-0004 Data Forms, XEP-0068 FORM_TYPE: forms that others filled in, and forms for others to fill in or to read.
//
//   const auto form = DataForm::read(x);
//   if (!form) co_return form.error();
//   const auto room_name = form->value("muc#roomconfig_roomname");
//
//   FormWriter form{FormType::form, {.form_type = ns::search.uri, .title = "Search"}};
//   form.field({.var = "first", .type = FieldType::text_single, .label = "Given Name"});
//   xml::Builder("query", ns::search).child(form.element());
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xml/builder.h"
#include "xml/element.h"
#include "xmpp/stanza_error.h"

namespace meerkat {

// XEP-0004 §3.1.
enum class FormType : std::uint8_t { form, submit, cancel, result };

// XEP-0004 §3.3.
enum class FieldType : std::uint8_t {
  boolean,
  fixed,
  hidden,
  jid_multi,
  jid_single,
  list_multi,
  list_single,
  text_multi,
  text_private,
  text_single,
};

// As in the `type` attributes.
std::string_view name_of(FormType type);
std::string_view name_of(FieldType type);

struct FormOption {
  std::string label;
  std::string value;
};

// A field, read or to be written.
struct FormField {
  std::string var;
  std::optional<FieldType> type;  // absent: the context tells (§3.2); a type nobody knows is read as text-single (§3.3)
  std::vector<std::string> values;
  // Not read from what others send.
  std::string label;
  std::string description;
  bool is_required = false;
  std::vector<FormOption> options;
};

// What somebody else wrote. A value; small whatever was sent: a form of more than `most_fields` fields or `most_values`
// values is refused.
class DataForm {
 public:
  static constexpr std::size_t most_fields = 256;
  static constexpr std::size_t most_values = 4096;

  // `x` is an element jabber:x:data. The error is bad-request and says what is wrong with the form. Rows of a table
  // (§3.4) are left out: nobody sends us any.
  static std::expected<DataForm, StanzaError> read(const xml::Element& x);

  FormType type() const { return type_; }
  // XEP-0068: what the fields are about; empty when the form does not say.
  std::string_view form_type() const { return value("FORM_TYPE").value_or(std::string_view{}); }
  const std::vector<FormField>& fields() const { return fields_; }

  // Null when the form has no such field: its value stays as it is (§3.5).
  const FormField* find(std::string_view var) const;
  // The first value; nothing without a field or a value, which may also be said by an empty text (§3.6).
  std::optional<std::string_view> value(std::string_view var) const;
  // Empty without the field.
  std::span<const std::string> values(std::string_view var) const;
  // "1" and "true", "0" and "false" (§3.3); nothing for anything else.
  std::optional<bool> boolean(std::string_view var) const;

 private:
  explicit DataForm(FormType type) : type_(type) {}
  std::optional<StanzaError> read_field(const xml::Element& element, std::size_t& values);

  FormType type_;
  std::vector<FormField> fields_;
};

// What stands before the fields; empty for none.
struct FormHead {
  std::string_view form_type;  // becomes the hidden field FORM_TYPE
  std::string_view title, instructions;
};

// A form of ours, its fields in the order in which they are told.
class FormWriter {
 public:
  explicit FormWriter(FormType type, const FormHead& head = {});

  FormWriter& field(const FormField& field);
  // §3.4: the head of a table, before its first row.
  FormWriter& reported(std::span<const FormField> columns);
  // A row: the fields of the head, each with its value.
  FormWriter& item(std::span<const FormField> cells);

  const xml::Builder& element() const { return form_; }

 private:
  xml::Builder form_;
};

}  // namespace meerkat
