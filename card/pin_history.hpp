// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "card/records.hpp"
#include "tpm/party_seal.hpp"

#include <functional>
#include <vector>

namespace tpmvsc::card {

/// PinHistory is the list of a card's last PINs, so that none of them comes back at once. What is
/// kept of a PIN is a digest, salted and stretched; the list is encrypted under a key that is
/// sealed in the TPM for those who may set a new PIN, and is another one each time: the PIN's
/// holder, and the parties that may reset it. The file "pin-history".
///
/// A new PIN is noted before the TPM gets it, as one that may be in force, and confirmed
/// afterwards. So an interruption loses none, and who shows the PIN in force next tells what became
/// of it.
class PinHistory {
  public:
    static constexpr const char* file = "pin-history";

    /// The Names of those who may open it: whoever may set a new PIN.
    static std::vector<Bytes> parties_of(const PinRecord& pins, const tpm::Authority& authority);

    /// Runs TPM work, with what the caller wants done about its failures.
    using TpmRunner = std::function<void(const std::function<void(tpm::Connection&)>&)>;

    /// A history without any PIN, for the parties of these Names; nothing is stored yet.
    explicit PinHistory(std::vector<Bytes> parties);
    /// Opens the stored one by the party that `step` stands for. StorageError(damaged) when the
    /// file is missing or not as it should be.
    static PinHistory open(const SealedFiles& files, const tpm::Parent& parent,
                           const TpmRunner& run, const tpm::PolicyStep& step);

    /// `pin` is the one in force, as the TPM has just said: what was noted after it never was. The
    /// last `count`, it among them, are kept.
    void settle(ByteView pin, unsigned count);
    /// Notes `pin` as one that may soon be in force; false when it is one of the list. The one that
    /// was noted last and never confirmed is not held against who tries again to set it.
    bool note(ByteView pin);
    /// The PIN noted last is in force. The last `count`, it among them, are kept.
    void confirm(unsigned count);

    /// Stores the list under a new key, one TPM command.
    void store(const SealedFiles& files, const tpm::Parent& parent, const TpmRunner& run);
    /// Stores it under the key of the last store(): no TPM command.
    void store_again(const SealedFiles& files) const;

  private:
    struct Entry {
        bool sure = false; ///< it was in force; else it may have been
        Bytes digest;
    };

    /// Drops those before the last `count` that were in force for sure.
    void keep(unsigned count);
    Bytes digest(ByteView pin) const;
    SecretBytes list() const;
    bool read_list(ByteView list);

    std::vector<Bytes> parties_;
    Bytes salt_;
    std::vector<Entry> entries_; ///< the latest first
    tpm::KeyBlob seal_;
    SecretBytes key_;
};

} // namespace tpmvsc::card
