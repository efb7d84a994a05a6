// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <ranges>
#include <tuple>
#include <utility>

#include "modules/vcard/vcard_store.h"
#include "store/sql/database.h"

namespace meerkat {
namespace {

constexpr std::size_t field_count = searched_fields.size();

constexpr sql::Query<std::tuple<std::string>, std::string_view, std::string_view> find_card{
    "vcard_find", "SELECT vcard FROM vcard WHERE server = ? AND username = ?"};
constexpr sql::Upsert save_card{"vcard_save", "vcard", "server, username", "vcard"};
constexpr sql::Statement<std::string_view, std::string_view> remove_card{
    "vcard_remove", "DELETE FROM vcard WHERE server = ? AND username = ?"};
constexpr sql::Upsert save_values{"vcard_search_save", "vcard_search", "server, lusername",
                                  "username, fn, lfn, family, lfamily, given, lgiven, middle, lmiddle, nickname, "
                                  "lnickname, bday, lbday, ctry, lctry, "
                                  "locality, llocality, email, lemail, orgname, lorgname, orgunit, lorgunit"};
constexpr sql::Statement<std::string_view, std::string_view> remove_values{
    "vcard_search_remove", "DELETE FROM vcard_search WHERE server = ? AND lusername = ?"};

// ---- Searching: one statement for each column that may lead, so that its index is the one that is used. All of them
// take the same parameters: a range for each column, then that of the leading one once more, and how many rows.

// "user" first, then the fields.
constexpr std::size_t column_count = field_count + 1;

// A text that the compiler puts together and that lives as long as the program.
struct KeptText {
  std::array<char, 1280> characters{};
  std::size_t size = 0;

  constexpr KeptText& operator+=(std::string_view more) {
    std::ranges::copy(more, characters.begin() + size);
    size += more.size();
    return *this;
  }
  constexpr std::string_view view() const { return {characters.data(), size}; }
};

constexpr KeptText column(std::size_t number) {
  KeptText name;
  name += "l";
  return name += number == 0 ? "username" : searched_fields[number - 1].column;
}

template <std::size_t leading>
constexpr KeptText search_name = [] {
  KeptText name;
  name += "vcard_search_by_";
  return name += column(leading).view();
}();

template <std::size_t leading>
constexpr KeptText search_text = [] {
  KeptText text;
  text += "SELECT lusername";
  for (const SearchedField& field : searched_fields) (text += ", ") += field.column;
  text += " FROM vcard_search WHERE server = ?";
  // COALESCE keeps these from being looked up by their own indexes.
  for (std::size_t i = 0; i < column_count; ++i) {
    text += " AND COALESCE(";
    text += column(i).view();
    text += ", '') BETWEEN ? AND ?";
  }
  text += " AND ";
  text += column(leading).view();
  return text += " BETWEEN ? AND ? LIMIT ?";
}();

template <class T, std::size_t>
using Each = T;
template <class>
struct SearchTypes;
template <std::size_t... field, std::size_t... bound>
struct SearchTypes<std::pair<std::index_sequence<field...>, std::index_sequence<bound...>>> {
  using Query = sql::Query<std::tuple<std::string, Each<std::string, field>...>, std::string_view,
                           Each<std::string_view, bound>..., std::uint64_t>;
  static constexpr std::array<Query, sizeof...(field) + 1> queries{
      Query{search_name<0>.view(), search_text<0>.view()},
      Query{search_name<field + 1>.view(), search_text<field + 1>.view()}...};
};
// A range has two bounds, and there is one more than there are columns.
constexpr std::size_t bound_count = 2 * (column_count + 1);
using Searching = SearchTypes<std::pair<std::make_index_sequence<field_count>, std::make_index_sequence<bound_count>>>;

// Behind every text that begins with what stands before it: bytes are compared.
constexpr std::string_view last_character = "\xF4\x8F\xBF\xBF";

struct Range {
  std::string low, high;
};

Range range_of(const Wanted& wanted) {
  switch (wanted.fit) {
    case Wanted::Fit::anything:
      return {"", std::string{last_character}};
    case Wanted::Fit::whole:
      return {wanted.text, wanted.text};
    case Wanted::Fit::beginning:
      break;
  }
  return {wanted.text, wanted.text + std::string{last_character}};
}

const Wanted& wanted(const Search& search, std::size_t column) {
  return column == 0 ? search.user : search.fields[column - 1];
}

// The column that finds the fewest, as far as one can tell: a whole value, or else the longest beginning.
std::size_t leading_column(const Search& search) {
  const auto promise = [&](std::size_t column) {
    const Wanted& here = wanted(search, column);
    return std::pair{
        static_cast<int>(here.fit == Wanted::Fit::whole) * 2 + static_cast<int>(here.fit == Wanted::Fit::beginning),
        here.text.size()};
  };
  return std::ranges::max(std::views::iota(std::size_t{0}, column_count), {}, promise);
}

class SqlVcards final : public VcardStore {
 public:
  explicit SqlVcards(sql::Database& database) : database_(database) {}

  Task<std::optional<std::string>> find(const Jid& user) override {
    auto row = co_await database_.one(find_card, user.domain(), user.node());
    if (!row) co_return std::nullopt;
    co_return std::move(std::get<0>(*row));
  }

  Task<> save(const Jid& user, std::string xml, SearchedValues values) override {
    const std::string server{user.domain()};
    const std::string name{user.node()};
    sql::Values searched = sql::values(name);
    for (const std::string& value : values) {
      searched.emplace_back(value);
      searched.emplace_back(folded(value));
    }
    co_await database_.transaction([&](sql::Transaction& transaction) {
      transaction.upsert(save_card, sql::key(server, name), sql::values(xml));
      transaction.upsert(save_values, sql::key(server, name), searched);
    });
  }

  Task<> remove(const Jid& user) override {
    const std::string server{user.domain()};
    const std::string name{user.node()};
    co_await database_.transaction([&](sql::Transaction& transaction) {
      transaction.execute(remove_card, server, name);
      transaction.execute(remove_values, server, name);
    });
  }

  Task<std::vector<FoundUser>> search(const std::string& server, Search search, std::uint32_t at_most) override {
    std::vector<FoundUser> found;
    if (search.asks_nothing() || at_most == 0) co_return found;
    const std::size_t leading = leading_column(search);
    std::array<Range, column_count + 1> ranges;
    for (std::size_t i = 0; i < column_count; ++i) ranges[i] = range_of(wanted(search, i));
    ranges[column_count] = ranges[leading];
    auto rows =
        co_await ask(Searching::queries[leading], server, ranges, at_most, std::make_index_sequence<bound_count>{});
    found.reserve(rows.size());
    for (auto& row : rows) found.push_back(user_from(row, std::make_index_sequence<field_count>{}));
    co_return found;
  }

 private:
  template <class Row, class... P, std::size_t... bound>
  Task<std::vector<Row>> ask(const sql::Query<Row, P...>& query, const std::string& server,
                             const std::array<Range, column_count + 1>& ranges, std::uint64_t at_most,
                             std::index_sequence<bound...>) {
    return database_.all(query, server, (bound % 2 == 0 ? ranges[bound / 2].low : ranges[bound / 2].high)..., at_most);
  }

  template <class Row, std::size_t... field>
  static FoundUser user_from(Row& row, std::index_sequence<field...>) {
    return {std::move(std::get<0>(row)), {std::move(std::get<field + 1>(row))...}};
  }

  sql::Database& database_;
};

}  // namespace

bool Search::asks_nothing() const {
  return user.fit == Wanted::Fit::anything &&
         std::ranges::all_of(fields, [](const Wanted& field) { return field.fit == Wanted::Fit::anything; });
}

std::unique_ptr<VcardStore> make_vcard_store(sql::Database& database) { return std::make_unique<SqlVcards>(database); }

sql::Schema vcard_schema() {
  sql::Table values = sql::table("vcard_search")
                          .column("username", sql::varchar(250))
                          .column("lusername", sql::varchar(250))
                          .column("server", sql::varchar(250));
  for (const SearchedField& field : searched_fields) {
    const std::string lower = "l" + std::string{field.column};
    values = std::move(values)
                 .column(field.column, sql::text())
                 .column(lower, sql::text())
                 .index("i_vcard_search_" + lower, "server, " + lower);
  }
  return {.name = "vcard",
          .tables = {sql::table("vcard")
                         .column("username", sql::varchar(250))
                         .column("server", sql::varchar(250))
                         .column("vcard", sql::large_text())
                         .column("created_at", sql::timestamp().default_now())
                         .primary_key("server, username"),
                     std::move(values).primary_key("server, lusername")},
          .migrations = {}};
}

}  // namespace meerkat
