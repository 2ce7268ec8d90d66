// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"

#include <optional>
#include <string>

namespace tpmvsc::cli {

/// Longest line that is taken as a secret. A help desk's answer by RSA has a thousand characters.
inline constexpr std::size_t max_secret_bytes = 2048;

/// read_secret_line reads one line from `fd` byte by byte, so that nothing behind it is taken away
/// and no stream buffer keeps a copy. Without the line's end. Nothing when the input is at its end
/// before a byte was read. Throws Failure when the line is too long.
std::optional<SecretBytes> read_secret_line(int fd);

/// ask_unseen does so on the terminal `fd`, after `question` and without echo.
std::optional<SecretBytes> ask_unseen(int fd, const std::string& question);

/// Terminal is where a person answers questions: the controlling terminal, not the standard
/// streams, so that redirecting the result does not swallow a question.
class Terminal {
  public:
    /// A person can be asked: standard input is a terminal. In a pipeline or a service nobody can,
    /// and waiting for an answer would hang.
    static bool available();

    /// Throws Failure(usage) with `instead` as advice when nobody can be asked.
    explicit Terminal(const std::string& instead);
    ~Terminal();
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    void say(const std::string& text) const;
    /// ask shows `question` and reads the answer, visible while typed.
    std::string ask(const std::string& question) const;
    /// ask_secret reads without echo.
    SecretBytes ask_secret(const std::string& question) const;

  private:
    int fd_;
};

} // namespace tpmvsc::cli
