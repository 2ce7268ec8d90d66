// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tpm/executor.hpp"
#include "tpm/types.hpp"

#include <optional>
#include <string>

namespace tpmvsc::tpm {

/// Connection is an open connection with the few live handles that are worth keeping: one salted
/// policy session and the key used last. Each further live handle costs every user of the TPM
/// something on each command. Closing flushes them.
class Connection {
  public:
    explicit Connection(const std::string& tcti);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    Executor& executor() { return executor_; }

    /// The policy session, salted to `parent`, with nothing satisfied yet; made on first need.
    Session& policy_session(const Parent& parent);
    /// The same session for parameter encryption only. Using it that way leaves it clean.
    Session& encryption_session(const Parent& parent) { return policy_session(parent); }
    /// Says that policy commands were run whose use did not follow: the session is restarted
    /// before it is given out again. (A session that authorised a command is clean: the TPM resets
    /// its policy when the nonce rolls.)
    void policy_left_over() { policy_dirty_ = true; }
    void policy_used() { policy_dirty_ = false; }

    /// An HMAC session salted to `parent`, to prove an authorisation value. It is meant to be ended
    /// by the command it authorises; if that fails it stays and serves the next one.
    Session& hmac_session(const Parent& parent);
    void hmac_session_ended() { hmac_.reset(); }

    /// A policy session of its own, salted to `parent`, that the caller flushes: it waits for
    /// somebody outside. Its nonce has 16 bytes, the fewest that a TPM takes, since people read it.
    Session waiting_session(const Parent& parent);

    /// Handle of the loaded object; loads it in place of the one before when needed.
    std::uint32_t load(const Parent& parent, const KeyBlob& key);
    /// Loads an object for a few commands, beside the one that load() keeps; the caller flushes it.
    std::uint32_t load_beside(const Parent& parent, const KeyBlob& key);
    /// Frees the place that load() keeps.
    void unload();

    void flush(std::uint32_t handle);
    /// The TPM has gone or lost our handles: nothing is flushed any more.
    void abandon() { abandoned_ = true; }
    /// Writes the number of commands sent, flushing included, to `count` when the connection
    /// closes.
    void on_close(std::uint64_t* count) { count_at_close_ = count; }

  private:
    void flush_all() noexcept;
    Session start_session(const Parent& parent, TPM2_SE type, std::size_t nonce_bytes);

    Executor executor_;
    std::optional<Session> policy_;
    std::optional<Session> hmac_;
    Bytes policy_parent_;
    Bytes hmac_parent_;
    bool policy_dirty_ = false;
    bool abandoned_ = false;
    std::uint64_t* count_at_close_ = nullptr;
    KeyBlob loaded_key_;
    std::uint32_t loaded_handle_ = 0;
};

/// TransientObject flushes a handle that a few commands need, and no more.
class TransientObject {
  public:
    TransientObject(Connection& connection, std::uint32_t handle)
        : connection_(connection), handle_(handle) {}
    ~TransientObject() {
        try {
            if (handle_ != 0)
                connection_.flush(handle_);
        } catch (...) { // NOLINT: the error that matters is the one under way
        }
    }
    TransientObject(const TransientObject&) = delete;
    TransientObject& operator=(const TransientObject&) = delete;
    std::uint32_t handle() const { return handle_; }
    /// The TPM has flushed it by itself.
    void release() { handle_ = 0; }

  private:
    Connection& connection_;
    std::uint32_t handle_;
};

} // namespace tpmvsc::tpm
