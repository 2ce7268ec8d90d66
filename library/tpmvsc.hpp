// SPDX-License-Identifier: Apache-2.0
#ifndef TPMVSC_HPP
#define TPMVSC_HPP

#include <tpmvsc.h>

#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// tpmvsc.h for C++17: objects that free themselves, and exceptions. Nothing of it is in the shared
/// object.
namespace tpmvsc_cpp {

/// Error is a call that failed, with the class of the failure.
class Error : public std::runtime_error {
  public:
    Error(tpmvsc_status status, const std::string& message)
        : std::runtime_error(message), status_(status) {}
    tpmvsc_status status() const { return status_; }

  private:
    tpmvsc_status status_;
};

/// Card is what is known of a card.
struct Card {
    std::optional<std::string> name;
    std::optional<std::string> id;
    std::optional<std::string> profile;
    std::optional<std::string> reader;
    std::optional<std::string> created;
    std::optional<unsigned long> serial;
    std::optional<unsigned long> slot;
    std::string problem;
    bool inserted = false;

    explicit Card(const tpmvsc_card* card)
        : name(text(card, TPMVSC_CARD_NAME)), id(text(card, TPMVSC_CARD_ID)),
          profile(text(card, TPMVSC_CARD_PROFILE)), reader(text(card, TPMVSC_CARD_READER)),
          created(text(card, TPMVSC_CARD_CREATED)), serial(number(card, TPMVSC_CARD_SERIAL)),
          slot(number(card, TPMVSC_CARD_SLOT)),
          problem(text(card, TPMVSC_CARD_PROBLEM).value_or("")),
          inserted(number(card, TPMVSC_CARD_INSERTED).value_or(0) != 0) {}

  private:
    static std::optional<std::string> text(const tpmvsc_card* card, tpmvsc_card_text_key key) {
        const char* value = tpmvsc_card_text(card, key);
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    }
    static std::optional<unsigned long> number(const tpmvsc_card* card,
                                               tpmvsc_card_number_key key) {
        unsigned long value = 0;
        return tpmvsc_card_number(card, key, &value) == 1 ? std::optional<unsigned long>(value)
                                                          : std::nullopt;
    }
};

/// Options is what a new card is to be. Secrets are copied into the library and wiped there.
class Options {
  public:
    Options() {
        tpmvsc_options* made = nullptr;
        if (tpmvsc_options_new(&made) != TPMVSC_DONE) {
            throw std::bad_alloc();
        }
        options_.reset(made);
    }
    Options& set(tpmvsc_text_option key, const std::string& text) {
        return check(tpmvsc_options_set_text(options_.get(), key, text.c_str()));
    }
    Options& set(tpmvsc_number_option key, unsigned long number) {
        return check(tpmvsc_options_set_number(options_.get(), key, number));
    }
    Options& set(tpmvsc_bytes_option key, const void* bytes, std::size_t size) {
        return check(tpmvsc_options_set_bytes(options_.get(), key, bytes, size));
    }
    Options& set(tpmvsc_bytes_option key, std::string_view bytes) {
        return set(key, bytes.data(), bytes.size());
    }
    const tpmvsc_options* get() const { return options_.get(); }

  private:
    struct Free {
        void operator()(tpmvsc_options* options) const { tpmvsc_options_free(options); }
    };
    Options& check(tpmvsc_status status) {
        if (status != TPMVSC_DONE) {
            throw Error(status, "a card cannot have this option");
        }
        return *this;
    }
    std::unique_ptr<tpmvsc_options, Free> options_;
};

/// Cards is a handle.
class Cards {
  public:
    using Listener = std::function<void(tpmvsc_note, const char*)>;

    explicit Cards(const char* settings = nullptr) {
        tpmvsc_handle* opened = nullptr;
        const tpmvsc_status status = tpmvsc_open(settings, &opened);
        handle_.reset(opened);
        check(status);
    }
    /// What the listener throws ends the program: it is called through C.
    void listen(Listener listener) {
        listener_ = std::make_unique<Listener>(std::move(listener));
        tpmvsc_listen(handle_.get(), &Cards::pass_on, listener_.get());
    }
    Card create(const Options& options) {
        tpmvsc_card* made = nullptr;
        check(tpmvsc_create(handle_.get(), options.get(), &made));
        const std::unique_ptr<tpmvsc_card, FreeCard> owner(made);
        return Card(made);
    }
    /// True when nothing was found of it afterwards.
    bool destroy(const std::string& card, std::string_view owner_auth = {}) {
        int nothing_left = 0;
        check(tpmvsc_destroy(handle_.get(), card.c_str(), owner_auth.data(), owner_auth.size(),
                             &nothing_left));
        return nothing_left == 1;
    }
    std::vector<Card> list() {
        tpmvsc_list* list = nullptr;
        check(tpmvsc_list_cards(handle_.get(), &list));
        const std::unique_ptr<tpmvsc_list, FreeList> owner(list);
        std::vector<Card> cards;
        for (std::size_t i = 0; i < tpmvsc_list_size(list); ++i) {
            cards.emplace_back(tpmvsc_list_card(list, i));
        }
        return cards;
    }
    void reset_pin_by_puk(const std::string& card, std::string_view puk, std::string_view pin) {
        check(tpmvsc_reset_pin_by_puk(handle_.get(), card.c_str(), puk.data(), puk.size(),
                                      pin.data(), pin.size()));
    }
    std::string challenge(const std::string& card, tpmvsc_party party) {
        char text[64];
        check(tpmvsc_challenge(handle_.get(), card.c_str(), party, text, sizeof text));
        return text;
    }
    void reset_pin_by_answer(const std::string& card, std::string_view answer,
                             std::string_view pin) {
        check(tpmvsc_reset_pin_by_answer(handle_.get(), card.c_str(), answer.data(), answer.size(),
                                         pin.data(), pin.size()));
    }

  private:
    struct Close {
        void operator()(tpmvsc_handle* handle) const { tpmvsc_close(handle); }
    };
    struct FreeCard {
        void operator()(tpmvsc_card* card) const { tpmvsc_card_free(card); }
    };
    struct FreeList {
        void operator()(tpmvsc_list* list) const { tpmvsc_list_free(list); }
    };
    static void pass_on(void* user, tpmvsc_note note, const char* text) {
        (*static_cast<Listener*>(user))(note, text);
    }
    void check(tpmvsc_status status) const {
        if (status != TPMVSC_DONE) {
            const char* message = tpmvsc_message(handle_.get());
            throw Error(status, message == nullptr ? "out of memory" : message);
        }
    }
    std::unique_ptr<tpmvsc_handle, Close> handle_;
    std::unique_ptr<Listener> listener_;
};

} // namespace tpmvsc_cpp

#endif
