// SPDX-License-Identifier: Apache-2.0
// Makes replies of the bytes that Redis sends; hiredis knows the protocol.
#pragma once

#include <memory>
#include <string_view>

#include "store/redis/reply.h"

struct redisReader;

namespace meerkat::redis {

class ReplyReader {
 public:
  // No reply takes more than this, so that a confused server cannot take all of our memory.
  static constexpr std::size_t most_bytes = std::size_t{64} << 20;

  ReplyReader();
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  // Both throw std::runtime_error when this is not Redis speaking; after that the reader is of no more use.
  void feed(std::string_view bytes);
  // The next reply that is there as a whole. False when there is none yet.
  bool next(Reply& reply);

 private:
  class Builder;
  struct Free {
    void operator()(::redisReader* reader) const noexcept;
  };

  std::unique_ptr<::redisReader, Free> reader_;
  Reply reply_;  // in the making
};

}  // namespace meerkat::redis
