// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/gids/security_condition.hpp"
#include "apdu/status_word.hpp"
#include "base/bytes.hpp"
#include "card/keys.hpp"

#include <array>
#include <variant>

/// The files of a GIDS card: data files, which hold data objects, and key files.
namespace tpmvsc::gids {

using FileId = std::uint16_t;

inline constexpr FileId current_file = 0x0000;
inline constexpr FileId application_file = 0x3FFF;
inline constexpr FileId ef_dir = 0x2F00;
inline constexpr FileId ef_atr = 0x2F01;
inline constexpr FileId admin_key_file = 0xB080;
/// Key references go from 80 (the admin key) to 9E, so there are 30 keys of the user. A file beyond
/// that may be made, but takes no key: OpenSC does not get over a file that is refused, and then
/// neither makes nor deletes keys.
inline constexpr FileId first_key_file = 0xB081;
inline constexpr FileId last_key_file = 0xB09E;

/// Operation is a command as the access mode byte of a file names it (ISO 7816-4
/// section 5.4.3.1): the bit's value.
enum class Operation : std::uint8_t {
    terminate = 0x20,   ///< application
    create_file = 0x02, ///< application
    delete_file = 0x01, ///< application
    put_data = 0x02,    ///< data file
    get_data = 0x01,    ///< data file
    generate = 0x08,    ///< key file
    use_key = 0x04,     ///< key file: MANAGE SECURITY ENVIRONMENT
    put_key = 0x02,     ///< key file
    get_key = 0x01,     ///< key file: its public half
};

/// The conditions of the application itself: to create and to delete files, user or administrator
/// as every GIDS card has it; to end its life, the administrator.
inline constexpr std::uint8_t application_access_mode = 0x23;
inline constexpr std::array<Condition, 3> application_conditions{
    administrator, user_or_administrator, user_or_administrator};

/// FileControl is what CREATE FILE says about an elementary file.
struct FileControl {
    enum class Kind { data, key };

    FileId id = 0;
    Kind kind = Kind::data;
    std::uint8_t access_mode = 0;
    Bytes conditions;        ///< one per bit set in the access mode, from bit 7 down
    Bytes control_templates; ///< of a key: the content of tag A5, as it came
    bool activated = false;

    /// The condition for `operation`; one that the access mode does not name is never allowed
    /// (GIDS, access conditions).
    Condition condition(Operation operation) const;
    /// What deletion wants beside the application's condition, so that a file whose contents are
    /// the administrator's cannot be put out of the way by the user.
    Condition deletion_condition() const;
    bool is_key() const { return kind == Kind::key; }
    bool is_admin_key() const { return is_key() && id == admin_key_file; }
    bool is_beyond_last_key() const { return id > last_key_file; }
    /// The key reference of a key file is the last byte of its identifier. What its control
    /// templates say is not looked at: OpenSC writes 83 there for every key for signatures.
    card::KeySlot key_reference() const { return static_cast<card::KeySlot>(id); }
    /// True when a control reference template of `tag` (B6, B8) is there: what the key is for.
    bool serves(std::uint32_t tag) const;
};

/// application_condition is the condition for an operation on the application.
Condition application_condition(Operation operation);

/// parse_file_control reads a file control parameter template (tag 62): 6A80 when it is malformed
/// or asks for a file of another model.
std::variant<FileControl, apdu::StatusWord> parse_file_control(ByteView data);

/// file_control_parameters writes the template back, with the file's life cycle (8A).
Bytes file_control_parameters(const FileControl& file);

} // namespace tpmvsc::gids
