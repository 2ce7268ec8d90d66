// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

namespace tpmvsc::card {

/// is_trivial tells a PIN that whoever guesses tries first, whoever its owner is:
///   * one character again and again, or a short piece again and again: 777777, 121212, 483483;
///   * a run in equal steps, on the number circle for digits: 123456, 987654, 890123, 246802; also
///     with each character doubled, or there and back: 112233, 123321;
///   * neighbours on a keyboard or number pad, in either direction: qwertz, 1qaz2wsx, 147258;
///   * a day of the years 1900 to 2099 in eight digits: 24121987, 19871224. (Six digits are a day
///   by
///     chance in one case of ten, so those are taken.)
///   * one of the words and numbers in every list of leaked passwords.
/// Letters count the same in upper and lower case.
bool is_trivial(ByteView pin);

} // namespace tpmvsc::card
