// SPDX-License-Identifier: Apache-2.0
#include "streams/c2s_service.h"

#include <exception>

#include "base/log.h"

namespace meerkat {

C2sService::~C2sService() {
  ports_.clear();
  while (first_ != nullptr) {
    C2sStream* const stream = first_;
    remove(*stream);
    delete stream;
  }
}

void C2sService::listen(int descriptor, std::shared_ptr<const C2sOptions> options) {
  options_.push_back(options);
  ports_.push_back(std::make_unique<Port>(*this, descriptor, std::move(options)));
}

void C2sService::Port::accepted(int descriptor) noexcept {
  try {
    auto stream = std::make_unique<C2sStream>(descriptor, service_, *options_);
    service_.enter(*stream);
    stream.release()->start();
  } catch (const std::exception& failure) {
    log_error("connection_refused", {{"error", failure.what()}});
  }
}

void C2sService::enter(C2sStream& stream) {
  stream.service_ = this;
  stream.previous_ = nullptr;
  stream.next_ = first_;
  if (first_ != nullptr) first_->previous_ = &stream;
  first_ = &stream;
  ++count_;
}

void C2sService::remove(C2sStream& stream) {
  (stream.previous_ != nullptr ? stream.previous_->next_ : first_) = stream.next_;
  if (stream.next_ != nullptr) stream.next_->previous_ = stream.previous_;
  stream.previous_ = stream.next_ = nullptr;
  --count_;
}

void C2sService::bury(C2sStream& stream) {
  remove(stream);
  hall.worker.bury(std::unique_ptr<C2sStream>{&stream});
}

void C2sService::shut_down() {
  shutting_down_ = true;
  ports_.clear();
  for (C2sStream* stream = first_; stream != nullptr;) {
    C2sStream* const next = stream->next_;
    stream->shut_down();
    stream = next;
  }
}

}  // namespace meerkat
