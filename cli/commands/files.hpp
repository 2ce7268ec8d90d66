// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "cli/output.hpp"

#include <string>

namespace tpmvsc::cli {

/// read_input reads a whole file, or standard input for "-". Throws Failure(failed); what is larger
/// than any certificate or key file is not read.
Bytes read_input(const std::string& path);

/// How people call it in a sentence.
std::string input_name(const std::string& path);

/// OutputFile is where a command puts what it makes: a file, or standard output for "-". The file
/// is opened before anything is done on the card; where the command fails later, a file that was
/// not there before is removed again, and one that was is left as it was.
class OutputFile {
  public:
    /// An empty path is no file at all. Throws Failure(failed) when it cannot be written.
    explicit OutputFile(std::string path);
    ~OutputFile();
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    bool wanted() const { return !path_.empty(); }
    bool is_standard_output() const { return path_ == "-"; }
    const std::string& path() const { return path_; }
    /// write puts `contents` there, all or nothing as far as a file system can.
    void write(ByteView contents);

  private:
    std::string path_;
    int fd_ = -1;
    bool made_here_ = false;
    bool written_ = false;
};

} // namespace tpmvsc::cli
