// SPDX-License-Identifier: Apache-2.0
#include "card/indices_file.hpp"

#include "card/record_fields.hpp"

namespace tpmvsc::card {

namespace {

/// Entry 0, 1, ...: more than PIN and PUK only when making one was interrupted and begun again.
constexpr unsigned most_entries = 16;

std::string field(unsigned entry, const char* what) {
    return std::to_string(entry) + "_" + what;
}

} // namespace

IndicesFile IndicesFile::read(const Folder& folder) {
    IndicesFile result;
    const auto contents = folder.read(name);
    if (!contents)
        return result;
    std::string why;
    const auto record = KeyValue::parse(
        std::string_view(reinterpret_cast<const char*>(contents->data()), contents->size()), &why);
    if (!record)
        throw StorageError(StorageError::Reason::damaged,
                           folder.path() + "/" + name + " is malformed: " + why);
    const RecordFields fields(*record, name);
    for (unsigned i = 0; i < most_entries && fields.has(field(i, "role")); ++i)
        result.entries.push_back({fields.text(field(i, "role")), fields.number(field(i, "handle")),
                                  fields.bytes(field(i, "name")),
                                  fields.bytes(field(i, "unwritten_name"))});
    return result;
}

void IndicesFile::write(const Folder& folder) const {
    KeyValue record;
    unsigned i = 0;
    for (const IndexEntry& entry : entries) {
        record.set(field(i, "role"), entry.role);
        record.set_number(field(i, "handle"), entry.handle);
        record.set_bytes(field(i, "name"), entry.name);
        record.set_bytes(field(i, "unwritten_name"), entry.unwritten_name);
        ++i;
    }
    folder.write(name, as_bytes(record.write()));
}

} // namespace tpmvsc::card
