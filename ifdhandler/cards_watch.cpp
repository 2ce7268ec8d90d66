// SPDX-License-Identifier: Apache-2.0
#include "ifdhandler/cards_watch.hpp"

#include "base/log.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <system_error>

namespace tpmvsc::ifd {

namespace {

constexpr std::uint32_t self_events = IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
// IN_ATTRIB tells of a change of rights, of the folders of cards as well.
constexpr std::uint32_t cards_events =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | self_events;
constexpr std::uint32_t folder_gone = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED;

std::string reason(int error) {
    return std::generic_category().message(error);
}

} // namespace

CardsWatch::CardsWatch(std::string state_dir, const std::string& cards_dir)
    : state_dir_(std::move(state_dir)), store_(cards_dir),
      inotify_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    if (!inotify_.is_open()) {
        throw std::system_error(errno, std::generic_category(), "inotify_init1");
    }
    try {
        card::Folder(cards_dir).create();
    } catch (const std::exception& error) {
        // For activate(), if something is wrong then.
        why_not_made_ = "; at the start it could not be made: " + std::string(error.what());
    }
}

bool CardsWatch::hold(std::string& why) {
    FileDescriptor folder(::open(state_dir_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.is_open()) {
        why = "cannot open the state folder " + state_dir_ + ": " + reason(errno);
        return false;
    }
    // The lock dies with the process, however that ends.
    if (::flock(folder.get(), LOCK_EX | LOCK_NB) != 0) {
        why = errno == EWOULDBLOCK
                  ? "the cards in " + state_dir_ +
                        " are served by another reader: remove the second entry for this driver "
                        "from /etc/reader.conf.d, or end the other pcscd"
                  : "cannot lock the state folder " + state_dir_ + ": " + reason(errno);
        return false;
    }
    held_ = std::move(folder);
    return true;
}

bool CardsWatch::activate(std::string& why) {
    if (active()) {
        return true;
    }
    if (!hold(why)) {
        why += why_not_made_;
        return false;
    }
    watch_ = ::inotify_add_watch(inotify_.get(), store_.path().c_str(), cards_events);
    if (watch_ < 0) {
        const int error = errno;
        why = "cannot watch the cards folder " + store_.path() + ": " + reason(error);
        if (error == ENOSPC) {
            why += " (raise the sysctl fs.inotify.max_user_watches)";
        }
        why += why_not_made_;
        held_.close();
        return false;
    }
    // Without this one there are cards all the same.
    state_watch_ = ::inotify_add_watch(inotify_.get(), state_dir_.c_str(), self_events);
    return true;
}

void CardsWatch::drain() {
    alignas(inotify_event) std::array<char, 4096> buffer;
    for (;;) {
        const ssize_t size = ::read(inotify_.get(), buffer.data(), buffer.size());
        if (size <= 0) {
            return;
        }
        std::size_t offset = 0;
        while (offset + sizeof(inotify_event) <= static_cast<std::size_t>(size)) {
            inotify_event event;
            std::memcpy(&event, buffer.data() + offset, sizeof event);
            offset += sizeof event + event.len;
            // An event of a watch that was given up before says nothing about the present one.
            const bool present = event.wd == watch_ || event.wd == state_watch_;
            if (present && (event.mask & folder_gone) != 0) {
                release();
            }
        }
    }
}

void CardsWatch::release() {
    for (int* const watch : {&watch_, &state_watch_}) {
        if (*watch >= 0) {
            ::inotify_rm_watch(inotify_.get(), *watch);
            *watch = -1;
        }
    }
    held_.close();
}

} // namespace tpmvsc::ifd
