// SPDX-License-Identifier: Apache-2.0
// The only file that sees hiredis.
#include "store/redis/reply_reader.h"

#include <hiredis/read.h>

#include <new>
#include <stdexcept>
#include <string>
#include <utility>

namespace meerkat::redis {

// What hiredis calls as it goes along. Elements of an array come one after the other, each as a whole, so a reply stays
// where it is as long as something is put into it. Null stands for no memory.
class ReplyReader::Builder {
 public:
  static void* text(const ::redisReadTask* task, char* bytes, std::size_t size) noexcept {
    return made(task, [&](Reply::Content& content) {
      if (task->type == REDIS_REPLY_ERROR)
        content.emplace<Reply::Error>(std::string{bytes, size});
      else
        content.emplace<std::string>(bytes, size);
    });
  }
  static void* array(const ::redisReadTask* task, int) noexcept {
    // The size is the server's word only: memory is taken as elements come.
    return made(task, [](Reply::Content& content) { content.emplace<Reply::Array>(); });
  }
  static void* number(const ::redisReadTask* task, long long value) noexcept {
    return made(task, [value](Reply::Content& content) { content.emplace<std::int64_t>(value); });
  }
  static void* nil(const ::redisReadTask* task) noexcept {
    return made(task, [](Reply::Content& content) { content.emplace<std::monostate>(); });
  }
  static void free(void*) noexcept {}  // the reader owns all

 private:
  template <class Fill>
  static void* made(const ::redisReadTask* task, Fill fill) noexcept {
    try {
      Reply* const reply = task->parent == nullptr ? static_cast<Reply*>(task->privdata)
                                                   : &static_cast<Reply*>(task->parent->obj)->array().emplace_back();
      fill(reply->content());
      return reply;
    } catch (const std::bad_alloc&) {
      return nullptr;  // hiredis is C and tells it on
    }
  }
};

void ReplyReader::Free::operator()(::redisReader* reader) const noexcept { ::redisReaderFree(reader); }

ReplyReader::ReplyReader() {
  static ::redisReplyObjectFunctions functions{&Builder::text, &Builder::array, &Builder::number, &Builder::nil,
                                               &Builder::free};
  reader_.reset(::redisReaderCreateWithFunctions(&functions));
  if (!reader_) throw std::bad_alloc{};
  reader_->privdata = &reply_;
}

ReplyReader::~ReplyReader() = default;

void ReplyReader::feed(std::string_view bytes) {
  if (reader_->len - reader_->pos + bytes.size() > most_bytes)
    throw std::runtime_error{"Redis sends a reply of more than " + std::to_string(most_bytes >> 20) + " MiB"};
  if (::redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) != REDIS_OK)
    throw std::runtime_error{std::string{"Redis: "} + reader_->errstr};
}

bool ReplyReader::next(Reply& reply) {
  void* done = nullptr;
  if (::redisReaderGetReply(reader_.get(), &done) != REDIS_OK)
    throw std::runtime_error{std::string{"this is not the protocol of Redis: "} + reader_->errstr};
  if (done == nullptr) return false;
  reply = std::exchange(reply_, {});
  return true;
}

}  // namespace meerkat::redis
