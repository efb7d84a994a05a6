// SPDX-License-Identifier: Apache-2.0
// A read-only cursor into the flat index of a stanza's bytes: the way the whole house looks at XML.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "xml/index.h"
#include "xml/namespaces.h"
#include "xml/text.h"

namespace meerkat::xml {

// An attribute that is not a namespace declaration.
struct Attribute {
  std::string_view prefix, name, namespace_uri;
  std::uint16_t namespace_id = 0;  // 0: none, or not a well-known one
  Text value;
  std::string_view raw;  // name='value' as it stands
};

// xmlns='...' (empty prefix) or xmlns:prefix='...' on one start tag.
struct Declaration {
  std::string_view prefix;
  Text uri;
  std::string_view raw;
};

// The attributes of one element, by value, in order; `Item` is Attribute or Declaration.
template <class Item>
class AttributeRange {
 public:
  class iterator {
   public:
    using value_type = Item;
    using difference_type = std::ptrdiff_t;
    iterator() = default;
    iterator(const Index* index, const Attr* at, const Attr* end) : index_(index), at_(at), end_(end) { skip(); }
    Item operator*() const;
    iterator& operator++() {
      ++at_;
      skip();
      return *this;
    }
    iterator operator++(int) {
      iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const iterator& a, const iterator& b) { return a.at_ == b.at_; }

   private:
    void skip() {
      while (at_ != end_ && (at_->declaration != 0) != std::is_same_v<Item, Declaration>) ++at_;
    }
    const Index* index_ = nullptr;
    const Attr* at_ = nullptr;
    const Attr* end_ = nullptr;
  };

  AttributeRange(const Index& index, const Node& node)
      : index_(&index), begin_(index.attrs.data() + node.first_attr), end_(begin_ + node.attrs) {}
  iterator begin() const { return {index_, begin_, end_}; }
  iterator end() const { return {index_, end_, end_}; }

 private:
  const Index* index_;
  const Attr* begin_;
  const Attr* end_;
};

class ChildRange;

// 16 bytes, copied freely; lives no longer than the Index it looks at, which must stay where it is.
class Element {
 public:
  // The root element. A temporary Index is refused, because the cursor keeps its address.
  explicit Element(const Index& index) : index_(&index) {}
  explicit Element(const Index&&) = delete;
  Element(const Index& index, std::uint32_t node) : index_(&index), node_(node) {}

  std::string_view name() const { return {at(node().begin + 1 + skip_prefix()), node().name}; }  // local name
  std::string_view prefix() const { return {at(node().begin + 1), node().prefix}; }
  std::string_view qualified_name() const { return {at(node().begin + 1), skip_prefix() + node().name}; }
  std::string_view namespace_uri() const { return index_->uri_of(node().ns); }
  // 0: none, or not a well-known one.
  std::uint16_t namespace_id() const { return (node().ns & Index::foreign_bit) != 0 ? 0 : node().ns; }
  bool is(std::string_view name, const Namespace& ns) const { return node().ns == ns.id && this->name() == name; }

  // Of no namespace, the usual kind.
  std::optional<Text> attr(std::string_view name) const;
  std::optional<Text> attr(std::string_view name, const Namespace& ns) const;
  AttributeRange<Attribute> attributes() const { return {*index_, node()}; }
  // What stands on this element's own start tag; needed when that tag is rewritten.
  AttributeRange<Declaration> declarations() const { return {*index_, node()}; }

  ChildRange children() const;
  bool has_children() const { return node_ + 1 < node().next; }
  std::optional<Element> first_child() const;
  std::optional<Element> child(std::string_view name, const Namespace& ns) const;
  std::optional<Element> child(const Namespace& ns) const;
  std::optional<Element> child(std::string_view name) const;  // of any namespace

  // The decoded character data directly inside, children left out.
  std::string text() const;
  // The same, without a copy where the bytes can be used as they are; else in `storage`.
  std::string_view text_view(std::string& storage) const;

  std::string_view raw() const { return index_->slice(node().begin, node().end); }
  std::string_view inner_raw() const { return index_->slice(node().content, node().content_end); }
  std::string_view start_tag_raw() const { return index_->slice(node().begin, node().content); }
  std::size_t size_of_start_tag() const { return node().content - node().begin; }
  // Where raw() begins within the bytes of the index.
  std::uint32_t offset() const { return node().begin; }

  const Index& index() const { return *index_; }
  std::uint32_t node_number() const { return node_; }
  friend bool operator==(const Element& a, const Element& b) { return a.index_ == b.index_ && a.node_ == b.node_; }

 private:
  friend class ChildRange;
  const Node& node() const { return index_->nodes[node_]; }
  const char* at(std::uint32_t offset) const { return index_->bytes + offset; }
  std::uint32_t skip_prefix() const { return node().prefix == 0 ? 0 : node().prefix + 1u; }

  const Index* index_;
  std::uint32_t node_ = 0;
};
static_assert(sizeof(Element) == 16, "passed in two registers");

// The child elements of one element, for range-for.
class ChildRange {
 public:
  class iterator {
   public:
    using value_type = Element;
    using difference_type = std::ptrdiff_t;
    iterator() = default;
    iterator(const Index* index, std::uint32_t node) : index_(index), node_(node) {}
    Element operator*() const { return {*index_, node_}; }
    iterator& operator++() {
      node_ = index_->nodes[node_].next;
      return *this;
    }
    iterator operator++(int) {
      iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const iterator& a, const iterator& b) { return a.node_ == b.node_; }

   private:
    const Index* index_ = nullptr;
    std::uint32_t node_ = 0;
  };

  explicit ChildRange(const Element& parent)
      : index_(parent.index_), first_(parent.node_ + 1), end_(parent.node().next) {}
  iterator begin() const { return {index_, first_}; }
  iterator end() const { return {index_, end_}; }
  bool empty() const { return first_ == end_; }

 private:
  const Index* index_;
  std::uint32_t first_, end_;
};

inline ChildRange Element::children() const { return ChildRange{*this}; }

}  // namespace meerkat::xml
