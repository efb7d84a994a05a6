// SPDX-License-Identifier: Apache-2.0
#include "server/check/findings.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/json_text.h"

namespace meerkat {
namespace {

std::string_view name_of(Grade grade) {
  switch (grade) {
    case Grade::ok:
      return "ok";
    case Grade::warning:
      return "warning";
    case Grade::error:
      break;
  }
  return "error";
}

}  // namespace

void Findings::add(Grade grade, std::string_view subject, std::string text) {
  Finding finding{grade, std::string{subject}, std::move(text)};
  if (std::ranges::find(findings_, finding) == findings_.end()) findings_.push_back(std::move(finding));
}

Grade Findings::worst() const {
  Grade worst = Grade::ok;
  for (const Finding& finding : findings_) worst = std::max(worst, finding.grade);
  return worst;
}

std::string Findings::table() const {
  std::string text;
  for (const Finding& finding : findings_)
    text += fmt::format("{:8} {:14} {}\n", name_of(finding.grade), finding.subject, finding.text);
  const auto count = [&](Grade grade) { return std::ranges::count(findings_, grade, &Finding::grade); };
  return text + fmt::format("{} ok, {} to look at, {} to repair\n", count(Grade::ok), count(Grade::warning),
                            count(Grade::error));
}

std::string Findings::json() const {
  std::string list;
  for (const Finding& finding : findings_)
    list += fmt::format(R"({}{{"grade":"{}","subject":{},"text":{}}})", list.empty() ? "" : ",", name_of(finding.grade),
                        json_string(finding.subject), json_string(finding.text));
  return fmt::format("{{\"worst\":\"{}\",\"findings\":[{}]}}\n", name_of(worst()), list);
}

}  // namespace meerkat
