// SPDX-License-Identifier: Apache-2.0
#include "accounts/external_program.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <span>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/random.h"
#include "base/secret.h"

namespace meerkat {
namespace {

SteadyTime now() { return std::chrono::steady_clock::now(); }

class Question final : public AwaitedCall {
 public:
  std::string framed;
  bool yes = false;
};

// An end of a pipe.
class End {
 public:
  End() = default;
  explicit End(int descriptor) : descriptor_(descriptor) {}
  End(End&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  End& operator=(End&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~End() { close(); }
  void close() noexcept {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }
  int get() const { return descriptor_; }
  void never_block() const { ::fcntl(descriptor_, F_SETFL, ::fcntl(descriptor_, F_GETFL) | O_NONBLOCK); }

 private:
  int descriptor_ = -1;
};

struct Pipe {
  End read, write;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error{errno, std::generic_category(), "no pipe"};
  return {End{ends[0]}, End{ends[1]}};
}

// False when the time is over.
bool is_ready(int descriptor, short what, SteadyTime until) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now());
    ::pollfd watched{descriptor, what, 0};
    const int ready = left.count() > 0 ? ::poll(&watched, 1, static_cast<int>(left.count())) : 0;
    if (ready >= 0) return ready > 0;
    if (errno != EINTR) throw Unavailable{"waiting for the program failed"};
  }
}

Unavailable no_answer() { return Unavailable{"the program does not answer in time", Unavailable::Why::timed_out}; }

// A question that the program is asked: who waits for the answer may give up before the program has to.
class Patience {
 public:
  Patience(Call& call, CallSupply& supply, std::chrono::milliseconds answer_time)
      : call_(&call), supply_(supply), asked_until_(supply.deadline(call)), until_(now() + answer_time) {}

  // Throws when the program's time is over.
  void wait_for(int descriptor, short what) {
    if (call_ != nullptr) {
      if (is_ready(descriptor, what, asked_until_)) return;
      supply_.finish(*std::exchange(call_, nullptr), std::make_exception_ptr(no_answer()));
    }
    if (!is_ready(descriptor, what, until_)) throw no_answer();
  }
  void answered(bool yes) {
    if (call_ == nullptr) return;  // too late: nobody hears it
    static_cast<Question*>(call_)->yes = yes;
    supply_.finish(*call_);
  }

 private:
  Call* call_;
  CallSupply& supply_;
  const SteadyTime asked_until_, until_;
};

// A process of its own group, with our environment and standard error, and no blocked or ignored signals.
::pid_t spawn(const std::string& program, const End& input, const End& output) {
  ::posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_adddup2(&files, input.get(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&files, output.get(), STDOUT_FILENO);
  ::posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  ::sigset_t none;
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::sigset_t ordinary;
  ::sigemptyset(&ordinary);
  for (const int number : {SIGPIPE, SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGCHLD}) ::sigaddset(&ordinary, number);
  ::posix_spawnattr_setsigdefault(&attributes, &ordinary);
  std::string name = program;
  std::array<char*, 2> arguments{name.data(), nullptr};
  ::pid_t process = -1;
  const int error = ::posix_spawn(&process, program.c_str(), &files, &attributes, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&files);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0) throw Unavailable{fmt::format("{} cannot be started: {}", program, std::strerror(error))};
  return process;
}

std::string end_in_words(int status) {
  if (WIFSIGNALED(status)) return fmt::format("the program was ended by signal {}", WTERMSIG(status));
  return fmt::format("the program has ended with status {}", WEXITSTATUS(status));
}

class ProgramLink final : public Link {
 public:
  explicit ProgramLink(const ExternalProgramSettings& settings)
      : program_(settings.program), answer_time_(settings.answer_time), back_off_(settings.back_off) {}
  ~ProgramLink() override { ProgramLink::close(); }

  void connect(SteadyTime) override {
    close();
    if (now() < next_start_) throw Unavailable{fmt::format("{} keeps ending before it answers", program_)};
    ignore_broken_pipes();
    Pipe requests = make_pipe();
    Pipe answers = make_pipe();
    process_ = spawn(program_, requests.read, answers.write);
    to_ = std::move(requests.write);
    from_ = std::move(answers.read);
    to_.never_block();
    from_.never_block();
    has_answered_ = false;
  }

  void close() noexcept override {
    end_process(is_out_of_step_ ? std::chrono::milliseconds{0} : time_to_end);
    from_.close();
    is_out_of_step_ = false;
  }

  void serve(Call& call, CallSupply& more) override {
    hears();  // what it has said already answers nobody
    // The question itself goes with whoever gives up.
    std::string framed = secret_text(static_cast<Question&>(call).framed);
    const WipedAtEnd framed_wiped{framed};
    Patience patience{call, more, answer_time_};
    is_out_of_step_ = true;  // until the whole answer is there
    write(framed, patience);
    std::array<unsigned char, 4> answer{};
    read(answer, patience);
    if (answer[0] != 0 || answer[1] != 2 || answer[2] != 0 || answer[3] > 1)
      throw Unavailable{"the program's answer is neither yes nor no"};
    is_out_of_step_ = false;
    has_answered_ = true;
    more.count_traffic(framed.size(), answer.size());
    patience.answered(answer[3] == 1);
  }

  void keep_alive(SteadyTime) override {}
  int descriptor() const override { return from_.get(); }
  void hears() override {
    char byte = 0;
    const ::ssize_t count = ::read(from_.get(), &byte, 1);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count > 0) {
      is_out_of_step_ = true;
      throw Unavailable{"the program answers what nobody has asked"};
    }
    throw ended();
  }

 private:
  // How long it may take to end by itself once nothing more is to come.
  static constexpr std::chrono::milliseconds time_to_end{500};

  // A program that has ended must not end us; whoever runs the pool may not have said so. Of this thread alone.
  static void ignore_broken_pipes() {
    ::sigset_t broken_pipe;
    ::sigemptyset(&broken_pipe);
    ::sigaddset(&broken_pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  }

  void write(std::string_view bytes, Patience& patience) {
    while (!bytes.empty()) {
      const ::ssize_t count = ::write(to_.get(), bytes.data(), bytes.size());
      if (count >= 0)
        bytes.remove_prefix(static_cast<std::size_t>(count));
      else if (errno == EAGAIN)
        patience.wait_for(to_.get(), POLLOUT);
      else if (errno != EINTR)
        throw ended();
    }
  }

  void read(std::span<unsigned char> bytes, Patience& patience) {
    while (!bytes.empty()) {
      const ::ssize_t count = ::read(from_.get(), bytes.data(), bytes.size());
      if (count > 0)
        bytes = bytes.subspan(static_cast<std::size_t>(count));
      else if (count < 0 && errno == EAGAIN)
        patience.wait_for(from_.get(), POLLIN);
      else if (count == 0 || errno != EINTR)
        throw ended();
    }
  }

  Unavailable ended() {
    end_process(time_to_end);
    return Unavailable{end_in_words(status_)};
  }

  // It ends when it has read everything, or is killed after some time.
  void end_process(std::chrono::milliseconds time) noexcept {
    if (process_ < 0) return;
    to_.close();
    const End watch{static_cast<int>(::syscall(SYS_pidfd_open, process_, 0))};
    ::pollfd ended{watch.get(), POLLIN, 0};
    if (watch.get() < 0 || ::poll(&ended, 1, static_cast<int>(time.count())) <= 0) ::kill(-process_, SIGKILL);
    while (::waitpid(process_, &status_, 0) < 0 && errno == EINTR) continue;
    process_ = -1;
    if (has_answered_)
      back_off_.worked();
    else
      next_start_ = now() + back_off_.failed(random_u64());
  }

  const std::string program_;
  const std::chrono::milliseconds answer_time_;
  BackOff back_off_;
  SteadyTime next_start_{};
  End to_, from_;
  ::pid_t process_ = -1;
  int status_ = 0;
  bool has_answered_ = false;
  bool is_out_of_step_ = false;
};

PoolSettings pool_settings(const ExternalProgramSettings& settings) {
  PoolSettings pool;
  pool.name = settings.name;
  pool.options.workers = settings.instances;
  pool.options.strategy = PoolStrategy::available_worker;
  pool.options.call_timeout = settings.call_timeout;
  pool.back_off = settings.back_off;
  return pool;
}

std::string framed(std::string_view request) {
  std::string frame;
  frame.reserve(request.size() + 2);
  frame += static_cast<char>(request.size() >> 8);
  frame += static_cast<char>(request.size() & 0xff);
  frame += request;
  return frame;
}

}  // namespace

ExternalProgram::ExternalProgram(const ExternalProgramSettings& settings)
    : pool_(pool_settings(settings), [settings] { return std::make_unique<ProgramLink>(settings); }) {}

Task<bool> ExternalProgram::ask(std::string request, bool may_repeat) {
  const WipedAtEnd wiped{request};
  Question question;
  question.framed = framed(request);
  const WipedAtEnd frame_wiped{question.framed};
  question.may_repeat = may_repeat;
  co_await pool_.perform(question);
  co_return question.yes;
}

}  // namespace meerkat
