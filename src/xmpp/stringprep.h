// SPDX-License-Identifier: Apache-2.0
// RFC 3454 stringprep: what an address or a password looks like before it is compared or stored.
// Profiles: Nodeprep and Resourceprep (RFC 6122 §A, §B), Nameprep (RFC 3491), SASLprep (RFC 4013).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace meerkat {

// The longest prepared part of an address, in bytes (RFC 7622 §3.1).
inline constexpr std::size_t max_prepared_size = 1023;

// What to do with code points that Unicode 3.2 does not know (RFC 3454 §7). Stored names refuse them. The resource of
// an address allows them: RFC 7622 §3.4 does, and nicknames with an emoji are everyday life.
enum class Unassigned : std::uint8_t { refused, allowed };

// Each returns the prepared text, or nothing when the text is not UTF-8, has a prohibited or unassigned code point,
// breaks the bidirectional rules, is not 1 to 1023 bytes long afterwards, or would change when prepared again (which
// code points of Unicode Corrigendum 5 do). Any thread.

// The part before the `@` (RFC 7622 §3.3): folded to lower case, no space, none of "&'/:<>@
std::optional<std::string> nodeprep(std::string_view text);

// The part after the `/` (RFC 7622 §3.4): keeps its case, spaces inside and outside.
std::optional<std::string> resourceprep(std::string_view text, Unassigned unassigned = Unassigned::refused);

// One label of a domain, lower case (RFC 3491). Says nothing about dots or hyphens; `domainprep` does.
std::optional<std::string> nameprep(std::string_view text);

// A whole domain (RFC 7622 §3.2): Nameprep by label, one final dot dropped, full-width dots read as dots. Labels are
// letters, digits, hyphens inside, and `_` as other servers accept and DNS service names use; what is not ASCII must
// survive IDNA ToASCII (RFC 3490 §4.1), hence 63 bytes of ASCII form at most. `xn--` labels become Unicode where IDNA
// takes them back unchanged and stay as they are otherwise. IPv4 passes as labels, `[IPv6]` comes out in canonical
// form.
std::optional<std::string> domainprep(std::string_view text);

// A password or a user name on its way into SASL (RFC 4013); the result may not be empty, nor the text.
std::optional<std::string> saslprep(std::string_view text, Unassigned unassigned = Unassigned::refused);

// Whether `text` is well-formed UTF-8 (RFC 3629): nothing overlong, no surrogates.
bool is_utf8(std::string_view text);

// The ASCII half of a profile, for those who prepare in place: what a byte becomes, 0 where it is refused or not ASCII.
using AsciiProfile = std::array<char, 256>;
extern const AsciiProfile node_ascii;
extern const AsciiProfile resource_ascii;
extern const AsciiProfile label_ascii;  // letters, digits, - _ and the dot

// Writes `text` prepared to `out`, which has room for text.size() bytes. False when a byte was refused.
bool prepare_ascii(const AsciiProfile& profile, std::string_view text, char* out);

// Whether `domain`, already folded ASCII, consists of good labels none of which is an `xn--` label.
bool has_plain_labels(std::string_view domain);

}  // namespace meerkat
