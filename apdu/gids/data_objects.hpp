// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/gids/file_table.hpp"
#include "apdu/gids/gids_commands.hpp"

/// Data objects in files. None of them means anything to the card; each is stored with its tag and
/// length, so that an empty one is there as well.
namespace tpmvsc::gids {

/// The most that one data object may hold, tag and length included. Hosts stop at 65,000 bytes.
inline constexpr std::size_t longest_object = 65535;

/// get_objects answers GET DATA: 6982, or 6A88 when one that is named is not there.
apdu::Response get_objects(card::Card& card, const FileControl& file,
                           const std::vector<std::uint32_t>& tags);
/// get_tags answers with the list of tags (5C).
apdu::Response get_tags(card::Card& card, const FileControl& file);
/// get_published answers both for EF.ATR and EF.DIR, whose objects are in `published`.
apdu::Response get_published(ByteView published, const std::vector<std::uint32_t>& tags);

/// put_object answers PUT DATA. An empty value makes an empty object, and removes one that is empty
/// already, as hosts know it from other cards.
apdu::StatusWord put_object(card::Card& card, const FileControl& file, const PutObject& command);

} // namespace tpmvsc::gids
