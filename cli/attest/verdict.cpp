// SPDX-License-Identifier: Apache-2.0
#include "cli/attest/verdict.hpp"

#include "base/credential_answer.hpp"
#include "cli/attest/maker_name.hpp"
#include "cli/output.hpp"

#include <algorithm>

namespace tpmvsc::cli::attest {
namespace {

using State = Check::State;

Check pin_check(const KeyFacts& key) {
    if (key.pin == PinNeed::never) {
        return {check_pin, State::not_done,
                "the key wants no PIN: who reaches the card may use it"};
    }
    return {check_pin, State::proved,
            std::string("nobody uses the key without the card's PIN; wrong PINs are ") +
                (key.own_tries
                     ? "counted by the TPM for this card alone; how many it takes, and who may "
                       "set another, was decided by the computer that made the card"
                     : "counted by the TPM's lockout, which delays; its limits, and who "
                       "may end it, are not shown")};
}

Check tries_check(const KeyFacts& key) {
    if (key.pin == PinNeed::never || !key.own_tries) {
        return {check_tries, State::not_done, "the card has no tries of its own"};
    }
    if (!key.tries) {
        return {check_tries, State::not_done,
                "the number of tries is not in the evidence: the card was made before there was a "
                "statement of it"};
    }
    return {check_tries, State::proved,
            "when this was stated the PIN was blocked after " +
                plural(key.tries->limit, "wrong one") + ", of which " +
                std::to_string(key.tries->used) +
                " were used; who may unblock it may set another limit"};
}

Check nonce_check(const Evidence& evidence, const KeyFacts& key) {
    if (!evidence.nonce) {
        return {check_nonce, State::not_done,
                "no nonce was given: the statement may be an old one of the same key"};
    }
    if (*evidence.nonce != key.nonce) {
        return {check_nonce, State::failed, "the statement was not made for this nonce"};
    }
    return {check_nonce, State::proved, "the statement was made for this nonce"};
}

Check activation_check(const Evidence& evidence, const KeyFacts& key) {
    const std::string name = "activation";
    if (evidence.bundle.endorsement_key.empty()) {
        return {name, State::not_done, "the bundle has no endorsement key"};
    }
    if (!evidence.answer || !evidence.expectation) {
        return {name, State::not_done,
                "no answer to a challenge was given: that attestation and endorsement key are in "
                "one TPM is not shown"};
    }
    const Expectation& expected = *evidence.expectation;
    if (expected.attestation_key != key.attestation_key ||
        expected.endorsement_key != name_of(evidence.bundle.endorsement_key)) {
        return {name, State::failed, "the challenge was made for another bundle's keys"};
    }
    if (!equal_secret(credential_answer(expected.secret.view()), *evidence.answer)) {
        return {name, State::failed, "this is not the answer to the challenge"};
    }
    return {name, State::proved, "the attestation key is in the TPM of the endorsement key"};
}

std::string make_text(const TpmMake& make) {
    std::string text = make.manufacturer.empty() ? "a maker that it does not name"
                                                 : printable(maker_name(make.manufacturer));
    if (!make.model.empty()) {
        text += ", model " + printable(make.model);
    }
    if (!make.version.empty()) {
        text += ", version " + printable(make.version);
    }
    return text;
}

Check endorsement_check(const Evidence& evidence, std::optional<TpmMake>& make) {
    const std::string name = "endorsement";
    const Bundle& bundle = evidence.bundle;
    if (bundle.endorsement_key.empty() || bundle.endorsement_certificate.empty()) {
        return {name, State::not_done,
                "there is no endorsement certificate: nobody vouches for the TPM. Where its maker "
                "gives it elsewhere, give it with --endorsement-certificate"};
    }
    const PublicArea key(bundle.endorsement_key, "the endorsement key");
    demand(key.is_fixed() && key.has(restricted | decrypts) && !key.has(signs),
           "the endorsement key is none");
    make = read_make(bundle.endorsement_certificate, key);
    if (evidence.roots.empty()) {
        return {name, State::not_done,
                "no roots were given: the endorsement certificate, of " + make_text(*make) +
                    ", is anybody's"};
    }
    const std::string why =
        why_untrusted(bundle.endorsement_certificate, bundle.issuers, evidence.roots);
    if (!why.empty()) {
        return {name, State::failed,
                "the endorsement certificate does not lead to one of the roots: " + why};
    }
    return {name, State::proved, "the endorsement key is in a TPM of " + make_text(*make)};
}

/// The whole of it. Each part alone proves nothing: a statement may be signed by a key in a file.
Check tpm_check(const Verdict& verdict) {
    if (verdict.proves("activation") && verdict.proves("endorsement")) {
        return {check_tpm, State::proved,
                "the key was made in that TPM and cannot leave it, nor be used by another one"};
    }
    return {check_tpm, State::not_done,
            "that the attestation key is in a TPM at all is not shown, so that everything it "
            "states is as good as who gave the bundle"};
}

} // namespace

const Check* Verdict::find(const std::string& name) const {
    const auto found = std::find_if(checks.begin(), checks.end(),
                                    [&name](const Check& check) { return check.name == name; });
    return found == checks.end() ? nullptr : &*found;
}

bool Verdict::proves(const std::string& name) const {
    const Check* check = find(name);
    return check != nullptr && check->state == State::proved;
}

bool Verdict::any_failed() const {
    return std::any_of(checks.begin(), checks.end(),
                       [](const Check& check) { return check.state == State::failed; });
}

Verdict judge(const Evidence& evidence) {
    Verdict verdict;
    verdict.key = read_statement(evidence.bundle);
    verdict.checks.push_back({"statement", State::proved,
                              "the attestation key states: the " + verdict.key.kind +
                                  " key was made where it is itself, and cannot leave"});
    verdict.checks.push_back(pin_check(verdict.key));
    verdict.checks.push_back(tries_check(verdict.key));
    verdict.checks.push_back(nonce_check(evidence, verdict.key));
    verdict.checks.push_back(activation_check(evidence, verdict.key));
    verdict.checks.push_back(endorsement_check(evidence, verdict.make));
    verdict.checks.push_back(tpm_check(verdict));
    return verdict;
}

const char* state_name(Check::State state) {
    switch (state) {
    case State::proved:
        return "proved";
    case State::failed:
        return "failed";
    default:
        return "not done";
    }
}

} // namespace tpmvsc::cli::attest
