// SPDX-License-Identifier: Apache-2.0
// Any bytes as what a Cassandra sends: frames come out the same in whatever pieces they come, and whatever is read
// from a body stays within it. What rows bring goes back into a request and comes out the same.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "require.h"
#include "store/cassandra/errors.h"
#include "store/cassandra/frame.h"
#include "store/cassandra/responses.h"
#include "store/cassandra/value_codec.h"

using namespace meerkat::cassandra;
using meerkat::fuzz::require;

namespace {

struct Seen {
  std::vector<std::string> frames;
  std::string problem;
  friend bool operator==(const Seen&, const Seen&) = default;
};

Seen cut(std::string_view bytes, std::size_t portion) {
  FrameReader reader;
  Seen seen;
  try {
    for (; !bytes.empty(); bytes.remove_prefix(std::min(portion, bytes.size()))) {
      reader.feed(bytes.substr(0, portion));
      while (const auto frame = reader.next())
        seen.frames.push_back(std::string{static_cast<char>(frame->opcode)} + std::to_string(frame->stream) +
                              std::string{frame->body});
    }
  } catch (const Malformed& problem) {
    seen.problem = problem.what();
  }
  return seen;
}

// Some values have more forms than one (an empty one is null); what we write ourselves has one.
void goes_back(const Value& value, const Type& type) {
  std::string once, again;
  put_value(once, value, type);
  BodyReader body{once};
  const auto bytes = body.take_bytes();
  put_value(again, bytes ? value_from(*bytes, type) : Value{}, type);
  require(once == again, "a value is read as it was written", type.name());
}

void read_result(std::string_view body) {
  const Result result = result_from(body);
  const auto* const rows = std::get_if<Rows>(&result);
  if (rows == nullptr) return;
  require(rows->columns.empty() || rows->cells.size() % rows->columns.size() == 0, "rows are whole");
  for (std::size_t i = 0; i < rows->cells.size(); ++i)
    goes_back(rows->cells[i], rows->columns[i % rows->columns.size()].type);
}

template <class Read>
void try_to(Read read) {
  try {
    read();
  } catch (const Malformed&) {
    return;  // which is what it is for
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::unique_ptr<char[]> alone{new char[size]};  // so that sanitizers see every read outside of it
  std::copy_n(data, size, alone.get());
  const std::string_view bytes{alone.get(), size};
  const Seen whole = cut(bytes, size + 1);
  require(whole == cut(bytes, 1), "pieces do not matter");
  require(whole == cut(bytes, 7), "pieces do not matter");
  try_to([&] { read_result(bytes); });
  try_to([&] { refusal_from(bytes); });
  try_to([&] { event_from(bytes); });
  return 0;
}
