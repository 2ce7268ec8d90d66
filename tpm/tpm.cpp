// SPDX-License-Identifier: Apache-2.0
#include "tpm/tpm.hpp"

#include "tpm/connection.hpp"
#include "tpm/handles.hpp"

namespace tpmvsc::tpm {

namespace {

/// After these the handles are gone or the line is: a new connection may work.
bool worth_reconnecting(Fault fault) {
    return fault == Fault::unreachable || fault == Fault::handle_gone ||
           fault == Fault::not_started;
}

void start_up(Connection& connection) {
    connection.executor().run(
        {.name = "TPM2_Startup", .code = TPM2_CC_Startup},
        [](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_Startup_Prepare(sys, TPM2_SU_CLEAR); });
}

/// Out of places for objects or sessions, as opposed to NV space.
bool is_crowded(std::uint32_t code) {
    return code == TPM2_RC_OBJECT_MEMORY || code == TPM2_RC_SESSION_MEMORY ||
           code == TPM2_RC_OBJECT_HANDLES || code == TPM2_RC_SESSION_HANDLES;
}

/// The kernel's device with a resource manager keeps its clients apart and cleans up after them.
bool has_resource_manager(const std::string& tcti) {
    return tcti.find("tpmrm") != std::string::npos || tcti.find("tabrmd") != std::string::npos;
}

/// A TPM without a resource manager has one user at a time. What a killed one has left loaded stays
/// there for good, so who finds the places taken clears them.
void flush_orphans(Connection& connection) {
    for (const std::uint8_t type : {TPM2_HT_TRANSIENT, TPM2_HT_LOADED_SESSION}) {
        for (const std::uint32_t handle : list_loaded(connection, type))
            connection.flush(handle);
    }
    connection.abandon();
}

} // namespace

Tpm::Tpm(std::string tcti, std::chrono::milliseconds idle, BootClock clock)
    : tcti_(std::move(tcti)), idle_(idle), clock_(std::move(clock)) {}

Tpm::~Tpm() {
    close();
}

void Tpm::run(const std::function<void(Connection&)>& work) {
    {
        const std::lock_guard lock(mutex_);
        if (!run_once(work, true))
            run_once(work, false);
        last_use_ = std::chrono::steady_clock::now();
    }
    if (listener_)
        listener_();
}

/// False when the work may be tried again on the connection that is made then.
bool Tpm::run_once(const std::function<void(Connection&)>& work, bool may_repeat) {
    open_locked();
    connection_->executor().clear_doubt();
    try {
        work(*connection_);
        return true;
    } catch (const Error& error) {
        if (may_repeat && is_crowded(error.code()) && !has_resource_manager(tcti_)) {
            flush_orphans(*connection_);
            close_locked();
            return false;
        }
        if (may_repeat && error.fault() == Fault::ticket_expired && has_slept_since_opened()) {
            close_locked(); // it fell asleep in the midst of the work
            return false;
        }
        if (error.fault() == Fault::protocol || error.fault() == Fault::other)
            close_locked(); // its sessions' nonces may be out of step with the TPM's
        if (!worth_reconnecting(error.fault()))
            throw;
        const bool in_doubt = connection_->executor().in_doubt();
        if (error.fault() == Fault::unreachable)
            connection_->abandon();
        if (error.fault() == Fault::not_started)
            start_up(*connection_);
        close_locked();
        if (in_doubt || !may_repeat)
            throw;
        return false;
    } catch (...) {
        close_locked();
        throw;
    }
}

std::optional<std::chrono::steady_clock::time_point> Tpm::idle_deadline() const {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock.owns_lock())
        return std::chrono::steady_clock::now() + idle_;
    if (!connection_)
        return std::nullopt;
    return last_use_ + idle_;
}

void Tpm::close_if_idle() {
    // A TPM that is at work is not idle: never wait for it here.
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (lock.owns_lock() && connection_ && std::chrono::steady_clock::now() >= last_use_ + idle_)
        close_locked();
}

void Tpm::close() {
    const std::lock_guard lock(mutex_);
    close_locked();
}

bool Tpm::reachable(std::string* why) {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock.owns_lock() || connection_)
        return true;
    try {
        const Executor probe(tcti_);
        return true;
    } catch (const Error& error) {
        if (why != nullptr)
            *why = error.what();
        return false;
    }
}

std::uint64_t Tpm::command_count() const {
    const std::lock_guard lock(mutex_);
    return closed_command_count_ + (connection_ ? connection_->executor().command_count() : 0);
}

/// A policy session from before a sleep is of no use, though the kernel's resource manager still
/// has it: either the TPM was started again since, and refuses a ticket from it (TPM_RC_EXPIRED,
/// part 3 section 23.2.2), or it has counted time that Session::age() has not.
void Tpm::open_locked() {
    if (connection_ && has_slept_since_opened())
        close_locked();
    if (!connection_) {
        asleep_before_ = clock_().asleep;
        connection_ = std::make_unique<Connection>(tcti_);
    }
    last_use_ = std::chrono::steady_clock::now();
}

bool Tpm::has_slept_since_opened() const {
    return clock_().slept_since(asleep_before_);
}

void Tpm::close_locked() {
    if (!connection_)
        return;
    // The connection's last commands (flushing) are sent by its destructor: count them as well.
    std::uint64_t count = 0;
    connection_->on_close(&count);
    connection_.reset();
    closed_command_count_ += count;
}

} // namespace tpmvsc::tpm
