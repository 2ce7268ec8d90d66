// SPDX-License-Identifier: Apache-2.0
#include "card/personalisation.hpp"

#include "card/errors.hpp"

#include <algorithm>

namespace tpmvsc::card {

namespace {

constexpr std::size_t value_bytes = 32;
constexpr std::size_t values_without_puk = 3;
constexpr std::size_t values_with_puk = 5;

} // namespace

std::optional<Personalisation> Personalisation::read(const SealedFiles& files) {
    const auto contents = files.read(file);
    if (!contents)
        return std::nullopt;
    const ByteView all = contents->view();
    if (all.size() != values_without_puk * value_bytes &&
        all.size() != values_with_puk * value_bytes)
        throw StorageError(StorageError::Reason::damaged,
                           std::string("the card's file \"") + file +
                               "\" has a wrong length: destroy the card and create it again");
    const auto value = [&](std::size_t i) {
        return SecretBytes(all.subspan(i * value_bytes, value_bytes));
    };
    Personalisation result;
    result.authority = value(0);
    result.pin = {value(1), value(2)};
    if (all.size() == values_with_puk * value_bytes)
        result.puk = {value(3), value(4)};
    return result;
}

void Personalisation::write(const SealedFiles& files) const {
    SecretBytes all((puk.now.empty() ? values_without_puk : values_with_puk) * value_bytes);
    auto to = all.span().begin();
    for (const SecretBytes* value : {&authority, &pin.now, &pin.next, &puk.now, &puk.next})
        to = std::copy(value->view().begin(), value->view().end(), to);
    files.write(file, all.view());
}

} // namespace tpmvsc::card
