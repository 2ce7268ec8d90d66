// SPDX-License-Identifier: Apache-2.0
#include "cli/x509/subject.hpp"

#include "cli/failure.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>
#include <vector>

namespace tpmvsc::cli::x509 {
namespace {

using ObjectHandle = Owned<ASN1_OBJECT, ASN1_OBJECT_free>;

struct Attribute {
    std::string type;
    std::string value;
    bool with_next = false; ///< a plus sign joins it to the next one
};

/// What people write, and what OpenSSL calls it.
constexpr std::array<std::pair<const char*, const char*>, 4> other_names{{
    {"E", "emailAddress"},
    {"EMAIL", "emailAddress"},
    {"S", "ST"},
    {"SERIALNUMBER", "serialNumber"},
}};

Failure bad(const std::string& why) {
    return {ExitCode::usage,
            "--subject cannot be read: " + why + " (write it like \"CN=Jane Doe,O=Example,C=DE\")"};
}

/// Reader takes a name apart from the left.
class Reader {
  public:
    explicit Reader(const std::string& text) : text_(text) {}
    bool at_end() const { return position_ == text_.size(); }

    Attribute next() {
        Attribute attribute;
        const auto equals = text_.find('=', position_);
        if (equals == std::string::npos) {
            throw bad("an equals sign is missing");
        }
        attribute.type = trimmed(text_.substr(position_, equals - position_));
        position_ = equals + 1;
        attribute.value = value();
        if (!at_end()) {
            attribute.with_next = text_[position_++] == '+';
            if (at_end()) {
                throw bad("it ends with a separator");
            }
        }
        return attribute;
    }

  private:
    static std::string trimmed(const std::string& text) {
        const auto first = text.find_first_not_of(' ');
        const auto last = text.find_last_not_of(' ');
        return first == std::string::npos ? "" : text.substr(first, last - first + 1);
    }

    /// Up to the next comma or plus sign that no backslash stands before.
    std::string value() {
        std::string found;
        std::size_t kept = 0; // escaped blanks at the end stay
        while (!at_end() && text_[position_] != ',' && text_[position_] != '+') {
            const bool escaped = text_[position_] == '\\';
            found += escaped ? unescaped() : text_[position_++];
            kept = escaped || found.back() != ' ' ? found.size() : kept;
        }
        found.resize(kept);
        found.erase(0, std::min(found.find_first_not_of(' '), found.size()));
        return found;
    }

    /// Behind a backslash: two hexadecimal digits, or the sign itself.
    char unescaped() {
        ++position_;
        if (at_end()) {
            throw bad("it ends with a backslash");
        }
        const auto byte = from_hex(text_.substr(position_, 2));
        if (byte && byte->size() == 1) {
            position_ += 2;
            return static_cast<char>(byte->front());
        }
        return text_[position_++];
    }

    const std::string& text_;
    std::size_t position_ = 0;
};

std::string upper_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

ObjectHandle type_of(const std::string& written) {
    std::string name = upper_case(written);
    for (const auto& [alias, known] : other_names) {
        if (name == alias) {
            name = known;
        }
    }
    for (const std::string& candidate : {name, written}) {
        if (ObjectHandle object{OBJ_txt2obj(candidate.c_str(), 0)}) {
            return object;
        }
    }
    ERR_clear_error();
    throw bad("\"" + written + "\" is no part of a name");
}

void add(X509_NAME& name, const Attribute& attribute, bool joined) {
    const ObjectHandle type = type_of(attribute.type);
    const auto* value = reinterpret_cast<const unsigned char*>(attribute.value.data());
    if (attribute.value.empty() ||
        X509_NAME_add_entry_by_OBJ(&name, type.get(), MBSTRING_UTF8, value,
                                   static_cast<int>(attribute.value.size()), -1,
                                   joined ? -1 : 0) != 1) {
        ERR_clear_error();
        throw bad("the value of " + attribute.type + " is empty, too long or not of its kind");
    }
}

} // namespace

Bytes parse_subject(const std::string& text) {
    std::vector<std::vector<Attribute>> parts;
    Reader reader(text);
    bool joined = false;
    while (!reader.at_end()) {
        Attribute attribute = reader.next();
        const bool with_next = attribute.with_next;
        if (!joined) {
            parts.emplace_back();
        }
        parts.back().push_back(std::move(attribute));
        joined = with_next;
    }
    const NameHandle name(X509_NAME_new());
    require(name != nullptr, "make a name");
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
        for (std::size_t i = 0; i < part->size(); ++i) {
            add(*name, (*part)[i], i > 0);
        }
    }
    return to_der<const X509_NAME>(i2d_X509_NAME, name.get());
}

} // namespace tpmvsc::cli::x509
