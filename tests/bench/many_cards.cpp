// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/measure.hpp"
#include "tests/bench/pcscd.hpp"
#include "tests/bench/piv_client.hpp"

#include "base/crypto.hpp"

#include <array>
#include <memory>
#include <stdexcept>

namespace tpmvsc::bench {

namespace {

constexpr double memory_budget = 256;
constexpr double read_budget = 1.1;

/// The certificate of 9A.
constexpr std::array<std::uint8_t, 3> first_certificate{0x5F, 0xC1, 0x05};

/// Where certificates are put: those of the retired keys first, so that each card has a key
/// history, then objects such as the standard leaves free.
Bytes object_tag(unsigned number) {
    constexpr unsigned retired = 20;
    if (number < retired)
        return {0x5F, 0xC1, static_cast<std::uint8_t>(0x0D + number)};
    return {0x5F, 0xFF, static_cast<std::uint8_t>(number)};
}

/// Cards is one rig's cards, each with a connection that stays open.
class Cards {
  public:
    explicit Cards(const std::string& socket) : pcsc_(socket) {
        for (const std::string& reader : pcsc_.cards()) {
            clients_.push_back(std::make_unique<PivClient>(pcsc_, reader));
            clients_.back()->select();
        }
        if (clients_.empty())
            throw std::runtime_error("a rig has no card");
    }
    std::size_t size() const { return clients_.size(); }
    /// Round and round.
    const PivClient& operator[](std::size_t number) const {
        return *clients_[number % clients_.size()];
    }

  private:
    Pcsc pcsc_;
    std::vector<std::unique_ptr<PivClient>> clients_;
};

/// A P-256 key in 9A of `card`, and `certificate` in its first `objects` places.
void fill(const PivClient& card, const Setting& setting, unsigned objects, ByteView certificate) {
    card.authenticate_admin(setting.admin_key);
    card.generate_p256();
    for (unsigned i = 0; i < objects; ++i)
        card.put(object_tag(i), certificate);
}

/// What a day of use leaves in memory: PIN, a signature, all objects.
void use(const PivClient& card, const Setting& setting, unsigned objects) {
    constexpr std::uint8_t piv_p256 = 0x11;
    card.verify(setting.pin);
    card.sign(piv_p256, crypto::random_bytes(crypto::sha256_bytes));
    for (unsigned i = 0; i < objects; ++i)
        card.get(object_tag(i));
}

void compare_reads(const Setting& setting, const Cards& many, const Cards& one, Report& report) {
    report.part("Public read, " + std::to_string(many.size()) + " cards of " +
                    std::to_string(setting.objects) + " certificates",
                "1 card of 1");
    std::size_t turn = 0;
    const auto row = [&](const char* what, const auto& read) {
        report.times(what,
                     compare(
                         setting.rounds, [&] { read(many[turn++], setting.objects); },
                         [&] { read(one[0], 1u); }),
                     read_budget);
    };
    row("certificate", [&](const PivClient& card, unsigned objects) {
        card.get(object_tag(static_cast<unsigned>(turn / many.size() % objects)));
    });
    const auto object = [](const Bytes& tag) {
        return [tag](const PivClient& card, unsigned) { card.get(tag); };
    };
    row("card holder identifier (CHUID)", object({0x5F, 0xC1, 0x02}));
    row("key history", object({0x5F, 0xC1, 0x0C}));
    row("discovery object", object({0x7E}));
    row("SELECT", [](const PivClient& card, unsigned) { card.select(); });
}

} // namespace

void measure_many_cards(const Setting& setting, Report& report) {
    const Pcscd own(setting.control);
    const Pcscd other(setting.other_control);
    {
        const Cards many({});
        const Cards one(setting.other_socket);
        const Bytes certificate = many[0].get(first_certificate);
        for (std::size_t i = 0; i < many.size(); ++i)
            fill(many[i], setting, setting.objects, certificate);
        fill(one[0], setting, 1, certificate);
    }
    own.restart();
    other.restart();
    const double own_unused = own.private_memory();
    const double other_unused = other.private_memory();
    const Cards many({});
    const Cards one(setting.other_socket);
    if (many.size() <= one.size())
        throw std::runtime_error("the rig with many cards has too few");
    const auto further = static_cast<double>(many.size() - one.size());
    for (std::size_t i = 0; i < many.size(); ++i)
        use(many[i], setting, setting.objects);
    use(one[0], setting, 1);
    report.part("Memory of a pcscd with " + std::to_string(many.size()) + " cards",
                "one with 1 card");
    report.memory("a further card that is there", (own_unused - other_unused) / further);
    report.memory("a further card in use",
                  (own.private_memory() - other.private_memory()) / further, memory_budget);
    compare_reads(setting, many, one, report);
}

} // namespace tpmvsc::bench
