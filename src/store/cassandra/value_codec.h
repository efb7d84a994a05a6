// SPDX-License-Identifier: Apache-2.0
// Values in the form that the type of their place has. CQL §6
#pragma once

#include <string>
#include <string_view>

#include "store/cassandra/type.h"
#include "store/cassandra/value.h"

namespace meerkat::cassandra {

// Appends the value as [bytes]: null, or a length and so many bytes. Throws BadStatement, with the names of both, when
// such a value has no place in such a type.
void put_value(std::string& out, const Value& value, const Type& type);

// Throws Malformed when that is no such value. What is empty, though the type has no empty value, is null: Cassandra
// keeps such values from the days of Thrift.
Value value_from(std::string_view bytes, const Type& type);

}  // namespace meerkat::cassandra
