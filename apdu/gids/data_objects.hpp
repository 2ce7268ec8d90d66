// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/gids/file_table.hpp"
#include "apdu/gids/gids_commands.hpp"

/// Data objects in files. None of them means anything to the card; each is stored with its tag and
/// length, so that an empty one is there as well.
namespace tpmvsc::gids {

/// The most that the value of one data object may hold: where hosts stop.
inline constexpr std::size_t longest_value = 65000;

/// get_objects answers GET DATA: 6982; 6A88 when one that is named is not there; 6A84 when they are
/// more at once than can be answered.
apdu::Response get_objects(card::Card& card, const FileControl& file,
                           const std::vector<std::uint32_t>& tags);
/// get_tags answers with the list of tags (5C).
apdu::Response get_tags(card::Card& card, const FileControl& file);
/// get_published answers both for EF.ATR and EF.DIR, whose objects are in `published`.
apdu::Response get_published(ByteView published, const std::vector<std::uint32_t>& tags);

/// get_published_tags lists their tags.
apdu::Response get_published_tags(ByteView published);

/// put_object answers PUT DATA: 6A84 for an object that is too long, or one too many. An empty
/// value makes an empty object, and removes one that is empty already, as hosts know it from other
/// cards.
apdu::StatusWord put_object(card::Card& card, const FileControl& file, const PutObject& command);

} // namespace tpmvsc::gids
