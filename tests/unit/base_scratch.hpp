// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tpmvsc::test {

/// Scratch is an empty directory for one test, removed at its end.
class Scratch {
  public:
    Scratch() {
        std::string pattern = (std::filesystem::temp_directory_path() / "tpmvsc-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr)
            throw std::runtime_error("no scratch directory");
        root_ = pattern;
    }
    ~Scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    const std::string& root() const { return root_; }
    std::string path(const std::string& name) const { return root_ + "/" + name; }

    /// Writes a file plainly, past everything under test.
    void put(const std::string& name, std::string_view contents) const {
        std::ofstream file(path(name), std::ios::binary);
        file.write(contents.data(), static_cast<std::streamsize>(contents.size()));
        if (!file.flush())
            throw std::runtime_error("cannot write " + path(name));
    }
    std::string get(const std::string& name) const {
        std::ifstream file(path(name), std::ios::binary);
        if (!file)
            throw std::runtime_error("cannot read " + path(name));
        return std::string(std::istreambuf_iterator<char>(file), {});
    }

  private:
    std::string root_;
};

} // namespace tpmvsc::test
