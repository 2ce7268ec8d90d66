// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "cli/failure.hpp"

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

/// The PC/SC client side: what an ordinary program sees of the cards.
namespace tpmvsc::cli::pcsc {

/// Error is a PC/SC call that failed; its text says what to do where something can be done.
class Error : public std::runtime_error {
  public:
    Error(const std::string& what, long code);
    long code() const { return code_; }
    /// pcscd does not answer at all.
    bool no_service() const;
    ExitCode exit_code() const;

  private:
    Error(const std::string& what, long code, bool refused);

    long code_;
    bool refused_; ///< by polkit
};

/// What a reader shows.
struct ReaderState {
    std::string name;
    bool card_present = false;
    Bytes atr;
};

/// Context is a connection to pcscd, which systemd starts for it if need be.
class Context {
  public:
    /// Throws Error; no_service() tells the usual reason.
    Context();
    ~Context();
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    /// All readers and what is in them now. Touches no card.
    std::vector<ReaderState> readers() const;
    /// Waits until any of the readers, or their number, changes; at most `limit`.
    void wait_for_change(const std::vector<ReaderState>& known,
                         std::chrono::milliseconds limit) const;
    long handle() const { return handle_; }

  private:
    long handle_ = 0;
};

/// A response APDU.
struct Reply {
    Bytes data;
    unsigned status = 0;
    bool done() const { return status == 0x9000; }
};

/// Session holds a card for itself from beginning to end, in a transaction, and leaves it as it is
/// unless told otherwise. Only a live session can transmit.
class Session {
  public:
    Session(const Context& context, const std::string& reader);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Sends one command.
    Reply transmit(ByteView command) const;
    /// Has the card reset at the end, before anybody else gets at it: what was proven to it in this
    /// session ends. Other programs are told of the reset.
    void reset_at_end() { reset_at_end_ = true; }

  private:
    long card_ = 0;
    bool reset_at_end_ = false;
    unsigned long protocol_ = 0;
};

} // namespace tpmvsc::cli::pcsc
