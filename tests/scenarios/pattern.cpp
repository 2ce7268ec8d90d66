// SPDX-License-Identifier: Apache-2.0
#include "tests/scenarios/pattern.hpp"

#include "base/crypto.hpp"
#include "base/tlv.hpp"

#include <cctype>
#include <charconv>
#include <sstream>
#include <stdexcept>

namespace tpmvsc::test {

namespace {

[[noreturn]] void fail(const std::string& why) {
    throw std::invalid_argument(why);
}

Pattern fixed(ByteView bytes) {
    Pattern pattern;
    for (const std::uint8_t byte : bytes) {
        pattern.push_back({Atom::Kind::byte, byte, {}});
    }
    return pattern;
}

void append(Pattern& target, const Pattern& more) {
    target.insert(target.end(), more.begin(), more.end());
}

std::size_t number(const std::string& text) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        fail("not a number: " + text);
    }
    return value;
}

std::size_t size_of(const Pattern& pattern) {
    for (const Atom& atom : pattern) {
        if (atom.kind == Atom::Kind::any_bytes) {
            fail("a * cannot stand where a length is computed");
        }
    }
    return pattern.size();
}

/// Parser walks over one line, by recursive descent.
class Parser {
  public:
    Parser(std::string_view text, const Context& context) : rest_(text), context_(context) {}

    Pattern all() {
        Pattern pattern = until('\0');
        if (!rest_.empty()) {
            fail("unexpected: " + std::string(rest_));
        }
        return pattern;
    }

  private:
    char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
    void skip(std::size_t count) { rest_.remove_prefix(count); }

    void expect(std::string_view token) {
        if (rest_.substr(0, token.size()) != token) {
            fail("missing " + std::string(token));
        }
        skip(token.size());
    }

    /// Everything before `closing`, which is left where it is.
    Pattern until(char closing) {
        Pattern pattern;
        while (!rest_.empty() && peek() != closing) {
            if (std::isspace(static_cast<unsigned char>(peek())) != 0) {
                skip(1);
            } else {
                append(pattern, element());
            }
        }
        return pattern;
    }

    Pattern element() {
        switch (peek()) {
        case '.':
            expect("..");
            return {{Atom::Kind::any_byte, 0, {}}};
        case '*':
            skip(1);
            return {{Atom::Kind::any_bytes, 0, {}}};
        case '"':
            return text();
        case '[':
            return rest_.substr(0, 2) == "[[" ? with_extended_length() : with_short_length();
        case '(':
            return macro();
        default:
            return digits();
        }
    }

    Pattern text() {
        const std::size_t end = rest_.find('"', 1);
        if (end == std::string_view::npos) {
            fail("missing \"");
        }
        const Pattern pattern = fixed(as_bytes(rest_.substr(1, end - 1)));
        skip(end + 1);
        return pattern;
    }

    Pattern with_short_length() {
        skip(1);
        const Pattern content = until(']');
        expect("]");
        Pattern pattern = fixed(Bytes{static_cast<std::uint8_t>(size_of(content))});
        append(pattern, content);
        return pattern;
    }

    Pattern with_extended_length() {
        skip(2);
        const Pattern content = until(']');
        expect("]]");
        Pattern pattern = fixed(Bytes{0});
        append(pattern, fixed(big_endian16(static_cast<std::uint16_t>(size_of(content)))));
        append(pattern, content);
        return pattern;
    }

    /// Hexadecimal digits; in front of braces they are the tag of a data object.
    Pattern digits() {
        std::size_t count = 0;
        while (count < rest_.size() && std::isxdigit(static_cast<unsigned char>(rest_[count]))) {
            ++count;
        }
        const auto bytes = from_hex(rest_.substr(0, count));
        if (count == 0 || !bytes) {
            fail("not hexadecimal: " + std::string(rest_));
        }
        skip(count);
        if (peek() != '{') {
            return fixed(*bytes);
        }
        skip(1);
        const Pattern content = until('}');
        expect("}");
        // Written by the code under test, whose lengths have tests of their own, with zeros inside.
        TlvWriter writer;
        const Bytes zeros(size_of(content));
        Bytes object =
            writer.add(static_cast<std::uint32_t>(read_big_endian(*bytes)), zeros).take();
        object.resize(object.size() - zeros.size());
        Pattern pattern = fixed(object);
        append(pattern, content);
        return pattern;
    }

    Pattern macro() {
        skip(1);
        const std::size_t end = rest_.find(')');
        if (end == std::string_view::npos) {
            fail("missing )");
        }
        std::istringstream words{std::string(rest_.substr(0, end))};
        skip(end + 1);
        std::vector<std::string> arguments;
        for (std::string word; words >> word;) {
            arguments.push_back(word);
        }
        return expand(arguments);
    }

    Pattern expand(const std::vector<std::string>& words) const {
        if (words.size() == 1) {
            return named(words[0]);
        }
        if (words.size() == 3 && words[1] == "x") {
            const auto byte = from_hex(words[0]);
            if (!byte || byte->size() != 1) {
                fail("not a byte: " + words[0]);
            }
            return fixed(Bytes(number(words[2]), byte->front()));
        }
        if (words.size() == 2 && words[0] == "pin") {
            Bytes padded = to_bytes(words[1]);
            padded.resize(8, 0xFF);
            return fixed(padded);
        }
        if (words.size() == 2 && (words[0] == "E" || words[0] == "D")) {
            return fixed(ciphered(words[0] == "E", value(words[1])));
        }
        fail("unknown macro: " + (words.empty() ? std::string() : words[0]));
    }

    /// (name) is a value, (name:8) captures one.
    Pattern named(const std::string& word) const {
        const std::size_t colon = word.find(':');
        if (colon == std::string::npos) {
            return fixed(value(word));
        }
        return Pattern(number(word.substr(colon + 1)),
                       Atom{Atom::Kind::any_byte, 0, word.substr(0, colon)});
    }

    const Bytes& value(const std::string& name) const {
        const auto found = context_.values.find(name);
        if (found == context_.values.end()) {
            fail("nothing is called " + name);
        }
        return found->second;
    }

    Bytes ciphered(bool encrypt, ByteView blocks) const {
        const Bytes key = context_.admin_key.empty()
                              ? card::default_admin_key(context_.admin_algorithm)
                              : context_.admin_key;
        const auto cipher = context_.admin_algorithm == card::AdminAlgorithm::tdes
                                ? crypto::BlockCipher::tdes
                                : crypto::BlockCipher::aes;
        return encrypt ? crypto::block_encrypt(cipher, key, blocks)
                       : crypto::block_decrypt(cipher, key, blocks);
    }

    std::string_view rest_;
    const Context& context_;
};

bool match_one(const Atom& atom, std::uint8_t byte, Values& captured) {
    if (atom.kind == Atom::Kind::byte && atom.value != byte) {
        return false;
    }
    if (!atom.capture.empty()) {
        captured[atom.capture].push_back(byte);
    }
    return true;
}

} // namespace

Pattern parse_pattern(std::string_view text, const Context& context) {
    return Parser(text, context).all();
}

Bytes bytes_of(const Pattern& pattern) {
    Bytes bytes;
    for (const Atom& atom : pattern) {
        if (atom.kind != Atom::Kind::byte) {
            fail("a command cannot hold unknown bytes");
        }
        bytes.push_back(atom.value);
    }
    return bytes;
}

bool matches(const Pattern& pattern, ByteView bytes, Values& values) {
    std::size_t stars = 0;
    for (const Atom& atom : pattern) {
        stars += atom.kind == Atom::Kind::any_bytes ? 1 : 0;
    }
    const std::size_t known = pattern.size() - stars;
    if (stars > 1 || bytes.size() < known || (stars == 0 && bytes.size() != known)) {
        return false;
    }
    Values captured;
    std::size_t at = 0;
    for (const Atom& atom : pattern) {
        if (atom.kind == Atom::Kind::any_bytes) {
            at += bytes.size() - known;
        } else if (!match_one(atom, bytes[at++], captured)) {
            return false;
        }
    }
    for (auto& [name, value] : captured) {
        values[name] = std::move(value);
    }
    return true;
}

} // namespace tpmvsc::test
