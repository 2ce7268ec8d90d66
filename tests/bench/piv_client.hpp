// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <string>
#include <vector>

namespace tpmvsc::bench {

/// Pcsc is a client's connection to one pcscd.
class Pcsc {
  public:
    /// Whose socket is at `socket`, or the usual one.
    explicit Pcsc(const std::string& socket = {});
    ~Pcsc();
    Pcsc(const Pcsc&) = delete;
    Pcsc& operator=(const Pcsc&) = delete;

    /// Readers with a card in them, in order.
    std::vector<std::string> cards() const;
    long handle() const { return handle_; }

  private:
    std::vector<std::string> readers() const;
    bool has_card(const std::string& reader) const;

    long handle_ = 0;
};

/// PivClient is a program at a card: the commands of SP 800-73-4 part 2 in their plainest form. A
/// status other than 9000 is std::runtime_error.
class PivClient {
  public:
    PivClient(const Pcsc& pcsc, const std::string& reader);
    ~PivClient();
    PivClient(const PivClient&) = delete;
    PivClient& operator=(const PivClient&) = delete;

    void select() const;
    void verify(const std::string& pin) const;
    /// Proves the triple DES key 9B: the card's challenge, and the answer to it.
    void authenticate_admin(ByteView key) const;
    /// A P-256 key in 9A.
    void generate_p256() const;
    /// Contents of the object `tag`, with the 53 in front.
    Bytes get(ByteView tag) const;
    /// `object` is what get() gives.
    void put(ByteView tag, ByteView object) const;
    /// The private operation of 9A, in one extended command, answer included.
    Bytes sign(std::uint8_t algorithm, ByteView block) const;
    /// The same in pieces of a short command's size.
    Bytes sign_chained(std::uint8_t algorithm, ByteView block) const;

  private:
    Bytes exchange(ByteView command) const;
    Bytes run(ByteView command) const;

    long card_ = 0;
};

} // namespace tpmvsc::bench
