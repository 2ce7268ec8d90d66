// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

/// What a Windows session sends to a redirected card reader ([MS-RDPESC] 2.2): NDR in little
/// endian, pointers as numbers whose contents follow at the end.
namespace tpmvsc::test {

/// Control codes of [MS-RDPESC] 3.1.4.
enum class RedirectedCall : std::uint32_t {
    establish_context = 0x00090014,
    release_context = 0x00090018,
    list_readers = 0x0009002C,
    connect = 0x000900B0,
    disconnect = 0x000900B8,
    begin_transaction = 0x000900BC,
    end_transaction = 0x000900C0,
    transmit = 0x000900D0,
};

/// CallWriter puts one call together.
class CallWriter {
  public:
    CallWriter& number(std::uint32_t value);
    /// A pointer to something that the caller adds by one of the two below.
    CallWriter& pointer();
    CallWriter& null();
    /// A context or a handle: its size and a pointer.
    CallWriter& reference(ByteView handle);
    /// What a pointer points to: bytes with their count; a text of two-byte characters.
    CallWriter& pointed(ByteView bytes);
    CallWriter& pointed_text(std::string_view text);
    /// The call with its two headers ([MS-RPCE] 2.2.6).
    Bytes take() const;

  private:
    Bytes body_;
    std::uint32_t pointers_ = 0;
};

/// AnswerReader reads what comes back.
class AnswerReader {
  public:
    /// Takes off both headers; throws std::runtime_error when they are malformed.
    explicit AnswerReader(Bytes answer);
    AnswerReader(const AnswerReader&) = delete;
    AnswerReader& operator=(const AnswerReader&) = delete;
    std::uint32_t number();
    /// A pointer; false when it is null.
    bool pointer() { return number() != 0; }
    /// What a pointer points to.
    Bytes pointed();

  private:
    ByteView take(std::size_t size);

    Bytes answer_;
    ByteView rest_; ///< of the answer
};

} // namespace tpmvsc::test
