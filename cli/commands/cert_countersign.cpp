// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/card_in_use.hpp"
#include "cli/commands/card_signer.hpp"
#include "cli/commands/cert_commands.hpp"
#include "cli/commands/certificate_report.hpp"
#include "cli/commands/certificate_slot.hpp"
#include "cli/commands/content_options.hpp"
#include "cli/commands/key_options.hpp"
#include "cli/commands/known_secret.hpp"
#include "cli/commands/product.hpp"
#include "cli/x509/countersignature.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* cert_countersign_examples =
    "Examples:\n"
    "  tpmvsc cert countersign 9c alice.csr --on-behalf-of 'CORP\\alice' --out alice.p7b\n"
    "      an enrolment agent's card signs alice's request; Windows: certreq -submit alice.p7b\n"
    "  tpmvsc cert countersign 9c alice.csr --cmc --format der --out alice.cmc\n"
    "      for an authority that speaks CMC (RFC 5272)\n"
    "  openssl cms -verify -inform PEM -in alice.p7b -CAfile authority.pem -purpose any -binary\n"
    "      gives the request back, in DER\n";

constexpr const char* enrolment_agent = "1.3.6.1.4.1.311.20.2.1";

struct CountersignArguments : KeyArguments {
    ProductOptions product;
    std::string request;
    std::string on_behalf_of;
    std::string hash;
    bool cmc = false;
};

/// The authority would refuse what an agent signs whose time is over.
x509::Certificate agent_certificate(const ChosenCard& card, const Slot& slot, Output& output) {
    CardInUse use(card);
    if (!use.keys().has_certificate(slot.number)) {
        throw Failure(ExitCode::failed, "there is no certificate in " + slot_title(slot) +
                                            ": an agent signs with the key of its enrolment agent "
                                            "certificate");
    }
    x509::Certificate certificate = require_certificate(use.keys(), slot);
    const auto key = use.keys().public_key(slot.number);
    if (!key || !certificate.is_for(*key)) {
        throw Failure(ExitCode::failed,
                      "the certificate in " + slot_title(slot) + " is not for the key there");
    }
    const std::string agent = "the agent's certificate in " + slot_title(slot);
    if (certificate.expired()) {
        throw Failure(ExitCode::failed, agent + " has expired on " + certificate.not_after());
    }
    if (certificate.not_yet_valid()) {
        throw Failure(ExitCode::failed, agent + " is not valid before " + certificate.not_before());
    }
    if (!certificate.has_purpose(enrolment_agent)) {
        output.warning(agent + " is not one of an enrolment agent (extended key usage " +
                       enrolment_agent + "): a Windows authority will refuse this");
    }
    return certificate;
}

std::string sentence(const CountersignArguments& arguments, const x509::Request& request,
                     const std::string& key) {
    return "Countersigned the request for " + printable(request.subject()) +
           (arguments.on_behalf_of.empty() ? ""
                                           : " on behalf of " + printable(arguments.on_behalf_of)) +
           " with " + key + ".";
}

ExitCode countersign_request(const CountersignArguments& arguments, Output& output) {
    if (!arguments.on_behalf_of.empty()) {
        x509::check_requester(arguments.on_behalf_of);
    }
    const ChosenCard card = ask_chosen_card(arguments.choice);
    const Slot slot = parse_slot_on(card, arguments.slot);
    const x509::Request request =
        x509::Request::read(input_name(arguments.request), read_input(arguments.request));
    const admin::KeyStatus key = require_key(card, slot);
    const x509::Certificate agent = agent_certificate(card, slot, output);
    OutputFile file(arguments.product.path);
    const Authorisation authorisation(arguments.secrets, card,
                                      {.makes_key = false, .writes = false, .signs_with = key});
    Bytes message;
    {
        CardInUse use(card);
        authorisation.show(use.keys());
        const x509::Signer signer = signer_of(use.keys(), slot, authorisation);
        message = x509::countersign({&request, &agent, arguments.on_behalf_of,
                                     arguments.cmc ? x509::Wrapping::cmc : x509::Wrapping::plain,
                                     chosen_hash(arguments.hash, signer.algorithm)},
                                    signer);
    }
    Json result = key_json(key.algorithm, slot);
    result["subject"] = request.subject();
    result["on_behalf_of"] =
        arguments.on_behalf_of.empty() ? Json(nullptr) : Json(arguments.on_behalf_of);
    result["agent"] = agent.subject();
    const bool pem = arguments.product.pem();
    deliver({"message", pem ? x509::message_pem(message) : std::move(message), pem}, file, output,
            card, sentence(arguments, request, key_title(key.algorithm, slot)), std::move(result));
    return ExitCode::done;
}

} // namespace

void add_cert_countersign(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<CountersignArguments>();
    CLI::App* command = noun.add_subcommand(
        "countersign", "sign somebody else's request, as an enrolment agent (CMS)");
    add_slot(*command, *arguments);
    command
        ->add_option("request", arguments->request,
                     "the request (PKCS#10) in PEM or DER; - is standard input")
        ->type_name("FILE")
        ->required();
    command
        ->add_option("--on-behalf-of", arguments->on_behalf_of,
                     "whom the certificate is to be for: DOMAIN\\user or user@domain")
        ->type_name("NAME");
    command->add_flag("--cmc", arguments->cmc,
                      "wrap the request in a full PKI request of CMC (RFC 5272) first");
    add_hash_option(*command, arguments->hash);
    add_product_options(*command, arguments->product, "the signed message");
    add_pin_option(*command, arguments->secrets.pin);
    add_card_choice(*command, arguments->choice);
    add_common_options(*command, output, cert_countersign_examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return countersign_request(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
