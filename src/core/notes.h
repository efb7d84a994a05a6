// SPDX-License-Identifier: Apache-2.0
// What modules keep with a session or an account while it lives, each under a type of its own.
//
//   struct Interested final : Note {};
//   session.notes.get<Interested>();                      // from now on it is one of those that want pushes
//   if (session.notes.find<Interested>() != nullptr) …
#pragma once

#include <memory>
#include <utility>

namespace meerkat {

// Lives on one worker and ends with what it is a note of. Modules are started anew when their options change, and their
// notes stay: a note never refers to the module that wrote it.
class Note {
 public:
  virtual ~Note() = default;

 private:
  friend class Notes;
  const void* type_ = nullptr;
  std::unique_ptr<Note> next_;
};

// A handful at most, so a list is searched; without notes it is one empty pointer.
class Notes {
 public:
  // Null when there is none of that type.
  template <class N>
  N* find() const {
    for (Note* note = first_.get(); note != nullptr; note = note->next_.get())
      if (note->type_ == &type_of<N>) return static_cast<N*>(note);
    return nullptr;
  }
  // Made when there is none.
  template <class N>
  N& get() {
    if (N* const known = find<N>()) return *known;
    auto note = std::make_unique<N>();
    N& made = *note;
    note->type_ = &type_of<N>;
    note->next_ = std::move(first_);
    first_ = std::move(note);
    return made;
  }
  // False when there was none.
  template <class N>
  bool drop() {
    for (std::unique_ptr<Note>* link = &first_; *link; link = &(*link)->next_) {
      if ((*link)->type_ != &type_of<N>) continue;
      const std::unique_ptr<Note> gone = std::exchange(*link, std::move((*link)->next_));
      return true;
    }
    return false;
  }

 private:
  // Its address says which type it is.
  template <class N>
  static constexpr char type_of = 0;

  std::unique_ptr<Note> first_;
};

}  // namespace meerkat
