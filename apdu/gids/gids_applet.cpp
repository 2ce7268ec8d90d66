// SPDX-License-Identifier: Apache-2.0
#include "apdu/gids/gids_applet.hpp"

#include "apdu/gids/application.hpp"
#include "apdu/gids/data_objects.hpp"
#include "apdu/gids/gids_keys.hpp"
#include "apdu/gids/gids_pins.hpp"
#include "apdu/outcome_status.hpp"
#include "base/crypto.hpp"

#include <utility>

namespace tpmvsc::gids {

namespace {

namespace sw = apdu::sw;
using apdu::Command;
using apdu::Response;

/// Second steps of an authentication with the admin key.
bool continues_authentication(const GidsCommand& command) {
    return std::holds_alternative<MutualResponse>(command) ||
           std::holds_alternative<ExternalResponse>(command);
}

/// All that an application at the end of its life still does.
bool outlives_termination(const GidsCommand& command) {
    return std::holds_alternative<GetObjects>(command) ||
           std::holds_alternative<GetTags>(command) || std::holds_alternative<GetTries>(command) ||
           std::holds_alternative<GetPublicKey>(command);
}

} // namespace

GidsApplet::GidsApplet(card::Card& card) : card_(card), admin_(card) {}

ByteView GidsApplet::aid() const {
    return application_identifier();
}

bool GidsApplet::answers_select(std::uint8_t p2) const {
    constexpr std::uint8_t next_occurrence = 0x02;
    constexpr std::uint8_t answers = static_cast<std::uint8_t>(SelectAnswer::nothing);
    return (p2 & ~(answers | next_occurrence)) == 0;
}

/// Selecting the application anew leaves what was proven as it is, as the specification has it.
Response GidsApplet::select(const Command& command) {
    interrupted();
    return run(SelectFile{application_file, static_cast<SelectAnswer>(command.p2)});
}

void GidsApplet::deselect() {
    forget_security_status();
    current_ = application_file;
}

Response GidsApplet::handle(const Command& command) {
    const GidsCommand parsed = parse(command);
    if (!continues_authentication(parsed)) {
        admin_.cancel();
    }
    if (std::holds_alternative<SelectFile>(parsed)) {
        return run(std::get<SelectFile>(parsed));
    }
    if (table().terminated() && !outlives_termination(parsed)) {
        return sw::file_terminated;
    }
    return std::visit([this](const auto& understood) { return run(understood); }, parsed);
}

bool GidsApplet::accepts_chaining(const Command& command) const {
    return may_be_chained(command.ins);
}

void GidsApplet::interrupted() {
    admin_.cancel();
}

void GidsApplet::reset() {
    deselect();
    card_.power_off();
}

// --- Rules

Response GidsApplet::run(const apdu::SetPinRules& command) {
    return apdu::set_pin_rules(card_, admin_.session(), command);
}

// --- Files and data

Response GidsApplet::run(const SelectFile& command) {
    if (table().terminated()) {
        return sw::file_terminated;
    }
    const FileControl* file = nullptr;
    if (command.file != application_file) {
        file = table().find(command.file == current_file ? current_ : command.file);
        if (file == nullptr && command.file != current_file) {
            return sw::file_not_found;
        }
    }
    current_ = file != nullptr ? file->id : application_file;
    switch (command.answer) {
    case SelectAnswer::information:
        return Response(file != nullptr ? file_control_parameters(*file)
                                        : file_control_information());
    case SelectAnswer::parameters:
        return Response(file != nullptr ? file_control_parameters(*file)
                                        : application_control_parameters(!card_.is_blank()));
    case SelectAnswer::management:
        return file != nullptr ? Response(sw::success) : Response(file_management_data());
    case SelectAnswer::nothing:
        break;
    }
    return sw::success;
}

Response GidsApplet::run(const GetObjects& command) {
    if (command.file == ef_atr || command.file == ef_dir) {
        return get_published(command.file == ef_atr ? ef_atr_objects() : ef_dir_objects(),
                             command.tags);
    }
    const FileControl* const file = enter(command.file);
    if (file == nullptr || file->is_key()) {
        return sw::file_not_found;
    }
    return permits(file->condition(Operation::get_data)) ? get_objects(card_, *file, command.tags)
                                                         : sw::security_status_not_satisfied;
}

Response GidsApplet::run(const GetTags& command) {
    if (command.file == ef_atr || command.file == ef_dir) {
        return get_published_tags(command.file == ef_atr ? ef_atr_objects() : ef_dir_objects());
    }
    const FileControl* const file = enter(command.file);
    if (file == nullptr || file->is_key()) {
        return sw::file_not_found;
    }
    return permits(file->condition(Operation::get_data)) ? get_tags(card_, *file)
                                                         : sw::security_status_not_satisfied;
}

Response GidsApplet::run(const PutObject& command) {
    const FileControl* const file = enter(command.file);
    if (file == nullptr || file->is_key()) {
        return sw::file_not_found;
    }
    return permits(file->condition(Operation::put_data)) ? put_object(card_, *file, command)
                                                         : sw::security_status_not_satisfied;
}

/// A file that holds a key for the administrator wants the administrator on top. On a blank card a
/// file takes the place of one that an interrupted personalisation has left.
Response GidsApplet::run(const CreateFile& command) {
    selected_key_.reset();
    if (!permits(application_condition(Operation::create_file)) ||
        (command.file.is_admin_key() && !permits(administrator))) {
        return sw::security_status_not_satisfied;
    }
    if (table().find(command.file.id) != nullptr) {
        if (!card_.is_blank()) {
            return sw::file_exists;
        }
        table().remove(command.file.id);
    }
    if (!table().add(command.file)) {
        return sw::not_enough_memory;
    }
    current_ = command.file.id;
    return sw::success;
}

/// On the application it ends the personalisation: access conditions hold from then on.
Response GidsApplet::run(const Activate&) {
    if (current_ != application_file) {
        const FileControl* const file = table().find(current_);
        if (file == nullptr || file->activated) {
            return file == nullptr ? sw::file_not_found : sw::success;
        }
        if (!permits(application_condition(Operation::create_file))) {
            return sw::security_status_not_satisfied;
        }
        table().activate(current_);
    } else if (card_.is_blank()) {
        card_.activate();
    }
    return sw::success;
}

Response GidsApplet::run(const DeleteFile&) {
    const FileControl* const file = table().find(current_);
    if (file == nullptr || (file->is_admin_key() && !card_.is_blank())) {
        return sw::conditions_not_satisfied; // without its admin key a card could not be managed
    }
    if (!permits(application_condition(Operation::delete_file)) ||
        !permits(file->deletion_condition())) {
        return sw::security_status_not_satisfied;
    }
    selected_key_.reset();
    table().remove(std::exchange(current_, application_file));
    return sw::success;
}

Response GidsApplet::run(const Terminate&) {
    if (card_.is_blank()) {
        return sw::conditions_not_satisfied; // nobody has proven anything
    }
    if (!permits(application_condition(Operation::terminate))) {
        return sw::security_status_not_satisfied;
    }
    table().terminate();
    forget_security_status();
    return sw::success;
}

// --- PIN and PUK

Response GidsApplet::run(const GetTries& command) {
    return tries(card_, command);
}

Response GidsApplet::run(const VerifyStatus&) {
    return verify_status(card_);
}

Response GidsApplet::run(const VerifyPin& command) {
    return apdu::status_of(card_.verify_pin(command.pin));
}

Response GidsApplet::run(const ClearSecurityStatus&) {
    forget_security_status();
    return sw::success;
}

/// A blank card takes its values by P1 = 01, and no guess at former ones.
Response GidsApplet::run(const ChangeReference& command) {
    return card_.is_blank() ? Response(sw::conditions_not_satisfied) : change(card_, command);
}

Response GidsApplet::run(const SetReference& command) {
    return set_reference(card_, command);
}

Response GidsApplet::run(const ResetByPuk& command) {
    return card_.is_blank() ? Response(sw::conditions_not_satisfied) : reset_by_puk(card_, command);
}

Response GidsApplet::run(const ResetByAdministrator& command) {
    if (admin_.session() == nullptr) {
        return sw::security_status_not_satisfied;
    }
    const apdu::StatusWord status = reset_by_administrator(card_, *admin_.session(), command);
    if (status == sw::success) {
        forget_security_status();
    }
    return status;
}

// --- Keys

Response GidsApplet::run(const GetPublicKey& command) {
    const FileControl* const file = key_file(command.key);
    if (file == nullptr) {
        return sw::reference_not_found;
    }
    return permits(file->condition(Operation::get_key)) ? public_key(card_, *file)
                                                        : sw::security_status_not_satisfied;
}

Response GidsApplet::run(const GenerateKey& command) {
    selected_key_.reset();
    const FileControl* const file = key_file(command.key);
    if (file == nullptr || file->is_admin_key()) {
        return sw::reference_not_found;
    }
    if (!permits(file->condition(Operation::generate))) {
        return sw::security_status_not_satisfied;
    }
    return file->is_beyond_last_key() ? sw::not_enough_memory : generate(card_, *file, command);
}

Response GidsApplet::run(const PutPrivateKey& command) {
    selected_key_.reset();
    const FileControl* const file = key_file(command.key);
    if (file == nullptr) {
        return sw::reference_not_found;
    }
    if (!permits(file->condition(Operation::put_key))) {
        return sw::security_status_not_satisfied;
    }
    return file->is_beyond_last_key() ? sw::not_enough_memory
                                      : put_private_key(card_, *file, command);
}

Response GidsApplet::run(const PutAdminKey& command) {
    const FileControl* const file = table().find(admin_key_file);
    if (file == nullptr) {
        return sw::reference_not_found;
    }
    const auto initial = card_.initial_admin_session();
    const card::AdminSession* const session = initial ? &*initial : admin_.session();
    if (!permits(file->condition(Operation::put_key)) || session == nullptr) {
        return sw::security_status_not_satisfied;
    }
    if (command.key.size() != card::key_bytes(card::AdminAlgorithm::tdes) ||
        crypto::has_weak_des_key(command.key)) {
        return sw::wrong_data;
    }
    card_.admin_key().change(*session, card::AdminAlgorithm::tdes, command.key);
    return sw::success;
}

Response GidsApplet::run(const SelectKey& command) {
    selected_key_.reset();
    const FileControl* const file = key_file(command.key);
    if (file == nullptr || file->is_admin_key()) {
        return sw::reference_not_found;
    }
    if (!permits(file->condition(Operation::use_key))) {
        return sw::security_status_not_satisfied;
    }
    const apdu::StatusWord status = select_key(card_, *file, command.usage);
    if (status == sw::success) {
        selected_key_ = command;
    }
    return status;
}

Response GidsApplet::run(const Sign& command) {
    return with_selected_key(Usage::sign,
                             [&](const SelectKey& key) { return sign(card_, key, command.input); });
}

Response GidsApplet::run(const Decipher& command) {
    return with_selected_key(Usage::decipher, [&](const SelectKey& key) {
        return decipher(card_, key, command.cryptogram);
    });
}

Response GidsApplet::run(const SelectAdminKey& command) {
    const FileControl* const file = table().find(admin_key_file);
    if (file == nullptr) {
        return sw::reference_not_found;
    }
    return permits(file->condition(Operation::use_key)) ? Response(admin_.answer(command))
                                                        : sw::security_status_not_satisfied;
}

template<typename Operate>
Response GidsApplet::with_selected_key(Usage usage, Operate&& operate) {
    if (!selected_key_ || selected_key_->usage.usage != usage) {
        return sw::conditions_not_satisfied;
    }
    const FileControl* const file = key_file(selected_key_->key);
    if (file == nullptr) {
        return sw::conditions_not_satisfied; // deleted since
    }
    // The PIN may have been given up since the key was set up.
    return permits(file->condition(Operation::use_key)) ? operate(*selected_key_)
                                                        : sw::security_status_not_satisfied;
}

// --- Shared

FileTable& GidsApplet::table() {
    if (!table_) {
        table_.emplace(card_);
    }
    return *table_;
}

bool GidsApplet::permits(Condition condition) {
    return card_.is_blank() || allows(condition, {card_.logged_in(), admin_.session() != nullptr});
}

const FileControl* GidsApplet::enter(FileId id) {
    const FileControl* const file = table().find(id == current_file ? current_ : id);
    if (file != nullptr) {
        current_ = file->id;
    }
    return file;
}

const FileControl* GidsApplet::key_file(card::KeySlot key) {
    constexpr FileId key_files = admin_key_file & 0xFF00;
    return table().find(static_cast<FileId>(key_files | key));
}

void GidsApplet::forget_security_status() {
    admin_.end();
    selected_key_.reset();
    card_.logout();
}

} // namespace tpmvsc::gids
