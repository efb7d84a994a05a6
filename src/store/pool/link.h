// SPDX-License-Identifier: Apache-2.0
// What a kind of pool adds to it: one connection to the outside service, in the hands of one worker of the pool.
#pragma once

#include <exception>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "store/pool/call.h"

namespace meerkat {

// The calls that wait for this worker. For the time of one `Link::serve`, on the worker's thread.
class CallSupply {
 public:
  // One more call that may be worked on beside those taken before; null when none waits. Every call that was taken is
  // finished, or `serve` throws.
  virtual Call* take() = 0;
  // For a link that waits, and could take more calls meanwhile: readable as soon as there may be one, until the
  // next `take`. -1 when it may have no more now.
  virtual int wake_up() = 0;
  // The call was answered, or refused by the service; the connection works. The call may be gone when it returns.
  virtual void finish(Call& call, std::exception_ptr failure = nullptr) noexcept = 0;
  // By when the call wants its answer.
  virtual SteadyTime deadline(const Call& call) const = 0;
  // For the figures: bytes that went over the connection.
  virtual void count_traffic(std::size_t sent, std::size_t received) noexcept = 0;

 protected:
  ~CallSupply() = default;
};

// What a link may be able to do besides: its calls are written and its answers read without ever waiting, so that a
// worker of the server can do it on its own loop, and no call goes from thread to thread. Everything happens on that
// worker while the link lodges there. All but `ask` throw like `Link::serve`.
class Flow {
 public:
  // Writes the call down; `send` sends it.
  virtual void ask(Call& call) = 0;
  // Sends of what is written down as much as the connection takes now; whether something is left.
  virtual bool send(CallSupply& calls) = 0;
  // The descriptor is readable: finishes what is answered.
  virtual void hear(CallSupply& calls) = 0;

 protected:
  ~Flow() = default;
};

// Everything happens on the thread of its worker, which it may block until the deadline it is given and no longer.
class Link {
 public:
  virtual ~Link() = default;

  // Connects and logs in. Throws, with words for the operator, when that fails or is not done in time. What was there
  // before is closed; a link is connected again and again.
  virtual void connect(SteadyTime until) = 0;
  virtual void close() noexcept = 0;

  // Works on `call`, and on what it takes from `more` meanwhile. Throws when the connection is of no more use:
  // calls that were taken and not finished get what is thrown, and the worker connects anew.
  virtual void serve(Call& call, CallSupply& more) = 0;

  // Asks something small, because nothing was asked for a while. Throws like `serve`.
  virtual void keep_alive(SteadyTime until) = 0;

  // Watched while nothing is asked; -1 for none.
  virtual int descriptor() const = 0;
  // It is readable though nothing was asked: throws when that was the end of the connection.
  virtual void hears() = 0;

  // While it is connected: null when this connection can only be served by somebody who waits.
  virtual Flow* flow() { return nullptr; }
};

// Makes the connection of one worker, not yet connected. Called once per worker, on its thread.
using MakeLink = std::function<std::unique_ptr<Link>()>;

}  // namespace meerkat
