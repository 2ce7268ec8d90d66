// SPDX-License-Identifier: Apache-2.0
#include "apdu/make_card_edge.hpp"

#include "apdu/admin/admin_applet.hpp"
#include "apdu/gids/gids_applet.hpp"
#include "apdu/management/management_applet.hpp"
#include "apdu/piv/piv_applet.hpp"

#include <array>

namespace tpmvsc::apdu {

namespace {

/// Historical bytes: 80, then a compact-TLV object of tag F with the PIV AID. OpenSC takes a card
/// with that for a standard PIV card and works around nothing.
constexpr std::array<std::uint8_t, 20> piv_atr{0x3B, 0xDB, 0x18, 0xFF, 0x81, 0x31, 0xFE,
                                               0x45, 0x80, 0xF9, 0xA0, 0x00, 0x00, 0x03,
                                               0x08, 0x00, 0x00, 0x10, 0x00, 0xF5};
constexpr std::array<std::uint8_t, 17> gids_atr{0x3B, 0x8D, 0x01, 0x80, 0xFB, 0xA0,
                                                0x00, 0x00, 0x03, 0x97, 0x42, 0x54,
                                                0x46, 0x59, 0x02, 0x01, 0xC9};

piv::Options piv_options(const Settings& settings) {
    piv::Options options;
    options.rsa1024_in_any_slot = settings.rsa1024_everywhere;
    return options;
}

} // namespace

ByteView atr_of(card::Profile profile) {
    return profile == card::Profile::piv ? ByteView(piv_atr) : ByteView(gids_atr);
}

std::unique_ptr<CardEdge> make_card_edge(card::Card& card, const Settings& settings) {
    const card::Profile profile = card.identity().profile;
    std::vector<std::unique_ptr<Applet>> applets;
    if (profile == card::Profile::piv) {
        applets.push_back(std::make_unique<piv::PivApplet>(card, piv_options(settings)));
        applets.push_back(std::make_unique<management::ManagementApplet>(card.identity()));
    } else {
        applets.push_back(std::make_unique<gids::GidsApplet>(card));
    }
    applets.push_back(std::make_unique<admin::AdminApplet>(card));
    return std::make_unique<CardEdge>(to_bytes(atr_of(profile)), std::move(applets));
}

} // namespace tpmvsc::apdu
