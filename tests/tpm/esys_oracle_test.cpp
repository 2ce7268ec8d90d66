// SPDX-License-Identifier: Apache-2.0
//
// A second opinion on the session arithmetic: tpm2-tss' ESYS talks to a TPM, every byte is
// recorded, and our functions must come to the same HMACs and ciphertexts. The sessions are bound
// to an object with a known authorisation value, so that the session key can be computed from the
// record. What a salt does is not recorded anywhere, so that is left to the TPM: it refuses a wrong
// one.
#include "tests/catch.hpp"
#include "tests/support/swtpm.hpp"
#include "tests/tpm/recording_tcti.hpp"

#include "base/crypto.hpp"
#include "tpm/session_crypto.hpp"
#include "tpm/tpm2b.hpp"

#include <tss2/tss2_esys.h>

#include <memory>

using namespace tpmvsc;
using namespace tpmvsc::tpm;

namespace {

const Bytes parent_auth = to_bytes(std::string_view("parent"));
const Bytes object_auth = to_bytes(std::string_view("object"));
const Bytes secret_data = to_bytes(std::string_view("what is sealed in here"));

/// Cursor reads a recorded message field by field.
class Cursor {
  public:
    explicit Cursor(ByteView bytes) : rest_(bytes) {}
    ByteView take(std::size_t count) {
        const ByteView taken = rest_.first(count);
        rest_ = rest_.subspan(count);
        return taken;
    }
    std::uint64_t number(std::size_t bytes) { return read_big_endian(take(bytes)); }
    ByteView sized() { return take(number(2)); }
    ByteView rest() const { return rest_; }

  private:
    ByteView rest_;
};

struct SessionRecord {
    std::uint32_t handle = 0;
    Bytes nonce;
    std::uint8_t attributes = 0;
    Bytes hmac;
};

struct Recorded {
    std::uint32_t code = 0;
    std::vector<std::uint32_t> handles;
    std::vector<SessionRecord> sessions;
    Bytes parameters;
};

SessionRecord take_session(Cursor& cursor, bool with_handle) {
    SessionRecord session;
    if (with_handle)
        session.handle = static_cast<std::uint32_t>(cursor.number(4));
    session.nonce = to_bytes(cursor.sized());
    session.attributes = static_cast<std::uint8_t>(cursor.number(1));
    session.hmac = to_bytes(cursor.sized());
    return session;
}

Recorded parse_command(ByteView bytes, std::size_t handles) {
    Cursor cursor(bytes);
    Recorded result;
    cursor.take(6);
    result.code = static_cast<std::uint32_t>(cursor.number(4));
    for (std::size_t i = 0; i < handles; ++i)
        result.handles.push_back(static_cast<std::uint32_t>(cursor.number(4)));
    Cursor area(cursor.take(cursor.number(4)));
    while (!area.rest().empty())
        result.sessions.push_back(take_session(area, true));
    result.parameters = to_bytes(cursor.rest());
    return result;
}

Recorded parse_response(ByteView bytes) {
    Cursor cursor(bytes);
    Recorded result;
    cursor.take(6);
    result.code = static_cast<std::uint32_t>(cursor.number(4));
    result.parameters = to_bytes(cursor.take(cursor.number(4)));
    while (!cursor.rest().empty())
        result.sessions.push_back(take_session(cursor, false));
    return result;
}

/// What the host knows of a session that ESYS has open.
struct KnownSession {
    Bytes key;
    Bytes nonce_tpm;
};

struct EsysFixture {
    EsysFixture() {
        REQUIRE(Esys_Initialize(&esys, tcti.context(), nullptr) == TSS2_RC_SUCCESS);
        parent = make_parent();
    }
    ~EsysFixture() { Esys_Finalize(&esys); }

    ESYS_TR make_parent() {
        TPM2B_SENSITIVE_CREATE sensitive{};
        sensitive.sensitive.userAuth = to_tpm2b<TPM2B_AUTH>(parent_auth);
        TPM2B_PUBLIC area{};
        area.publicArea.type = TPM2_ALG_ECC;
        area.publicArea.nameAlg = TPM2_ALG_SHA256;
        area.publicArea.objectAttributes =
            TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN |
            TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT;
        TPMS_ECC_PARMS& ecc = area.publicArea.parameters.eccDetail;
        ecc.symmetric = {TPM2_ALG_AES, {.aes = 128}, {.aes = TPM2_ALG_CFB}};
        ecc.scheme.scheme = TPM2_ALG_NULL;
        ecc.curveID = TPM2_ECC_NIST_P256;
        ecc.kdf.scheme = TPM2_ALG_NULL;
        const TPM2B_DATA outside{};
        const TPML_PCR_SELECTION pcr{};
        ESYS_TR handle = 0;
        REQUIRE(Esys_CreatePrimary(esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                   ESYS_TR_NONE, &sensitive, &area, &outside, &pcr, &handle,
                                   nullptr, nullptr, nullptr, nullptr) == TSS2_RC_SUCCESS);
        return handle;
    }

    /// Starts a session bound to the parent and computes its key from the record.
    ESYS_TR start(KnownSession& known, TPMA_SESSION attributes) {
        const TPMT_SYM_DEF symmetric{TPM2_ALG_AES, {.aes = 128}, {.aes = TPM2_ALG_CFB}};
        ESYS_TR session = 0;
        REQUIRE(Esys_StartAuthSession(esys, ESYS_TR_NONE, parent, ESYS_TR_NONE, ESYS_TR_NONE,
                                      ESYS_TR_NONE, nullptr, TPM2_SE_HMAC, &symmetric,
                                      TPM2_ALG_SHA256, &session) == TSS2_RC_SUCCESS);
        Cursor command(tcti.last().command);
        command.take(18); // header, tpmKey, bind
        const Bytes nonce_caller = to_bytes(command.sized());
        Cursor response(tcti.last().response);
        response.take(14); // header, session handle
        known.nonce_tpm = to_bytes(response.sized());
        known.key = to_bytes(session_key({}, parent_auth, known.nonce_tpm, nonce_caller).view());
        REQUIRE(Esys_TRSess_SetAttributes(esys, session, attributes | TPMA_SESSION_CONTINUESESSION,
                                          0xFF) == TSS2_RC_SUCCESS);
        return session;
    }

    Bytes name(ESYS_TR object) {
        TPM2B_NAME* text = nullptr;
        REQUIRE(Esys_TR_GetName(esys, object, &text) == TSS2_RC_SUCCESS);
        const Bytes result = to_bytes(view_of(*text));
        Esys_Free(text);
        return result;
    }

    test::Swtpm swtpm;
    test::RecordingTcti tcti{swtpm.tcti()};
    ESYS_CONTEXT* esys = nullptr;
    ESYS_TR parent = 0;
};

struct EsysFree {
    void operator()(void* memory) const { Esys_Free(memory); }
};

struct Sealed {
    std::unique_ptr<TPM2B_PRIVATE, EsysFree> private_area;
    std::unique_ptr<TPM2B_PUBLIC, EsysFree> public_area;
};

Sealed seal(EsysFixture& f, ESYS_TR first, ESYS_TR second) {
    TPM2B_SENSITIVE_CREATE sensitive{};
    sensitive.sensitive.userAuth = to_tpm2b<TPM2B_AUTH>(object_auth);
    sensitive.sensitive.data = to_tpm2b<TPM2B_SENSITIVE_DATA>(secret_data);
    TPM2B_PUBLIC area{};
    area.publicArea.type = TPM2_ALG_KEYEDHASH;
    area.publicArea.nameAlg = TPM2_ALG_SHA256;
    area.publicArea.objectAttributes =
        TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_USERWITHAUTH;
    area.publicArea.parameters.keyedHashDetail.scheme.scheme = TPM2_ALG_NULL;
    const TPM2B_DATA outside{};
    const TPML_PCR_SELECTION pcr{};
    TPM2B_PRIVATE* private_area = nullptr;
    TPM2B_PUBLIC* public_area = nullptr;
    REQUIRE(Esys_Create(f.esys, f.parent, first, second, ESYS_TR_NONE, &sensitive, &area, &outside,
                        &pcr, &private_area, &public_area, nullptr, nullptr,
                        nullptr) == TSS2_RC_SUCCESS);
    return {std::unique_ptr<TPM2B_PRIVATE, EsysFree>(private_area),
            std::unique_ptr<TPM2B_PUBLIC, EsysFree>(public_area)};
}

/// The sensitive area as TPM2_Create takes it in the clear: userAuth and data.
Bytes plain_sensitive() {
    return concat({big_endian16(static_cast<std::uint16_t>(object_auth.size())), object_auth,
                   big_endian16(static_cast<std::uint16_t>(secret_data.size())), secret_data});
}

} // namespace

TEST_CASE("ESYS and we agree on a bound session that encrypts a command parameter") {
    EsysFixture f;
    KnownSession known;
    const ESYS_TR session = f.start(known, TPMA_SESSION_DECRYPT);
    // The parent is the bind entity, so its authorisation value is in the session key already.
    seal(f, session, ESYS_TR_NONE);
    const Recorded command = parse_command(f.tcti.last().command, 1);
    REQUIRE(command.sessions.size() == 1);
    const SessionRecord& sent = command.sessions[0];
    const std::vector<Bytes> names{f.name(f.parent)};
    const Bytes command_hash = cp_hash(command.code, names, command.parameters);
    HmacInput input{command_hash, sent.nonce, known.nonce_tpm};
    input.attributes = sent.attributes;
    CHECK(session_hmac(known.key, {}, input) == sent.hmac);

    Bytes parameter = to_bytes(Cursor(command.parameters).sized());
    crypt_parameter(Direction::decrypt, known.key, parent_auth, sent.nonce, known.nonce_tpm,
                    parameter);
    CHECK(parameter == plain_sensitive());

    const Recorded response = parse_response(f.tcti.last().response);
    const SessionRecord& got = response.sessions.at(0);
    const Bytes response_hash = rp_hash(0, command.code, response.parameters);
    HmacInput answer{response_hash, got.nonce, sent.nonce};
    answer.attributes = got.attributes;
    CHECK(session_hmac(known.key, {}, answer) == got.hmac);
}

TEST_CASE("ESYS and we agree on a session that authorises another object and encrypts its answer") {
    EsysFixture f;
    const Sealed sealed = seal(f, ESYS_TR_PASSWORD, ESYS_TR_NONE);
    ESYS_TR object = 0;
    REQUIRE(Esys_Load(f.esys, f.parent, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                      sealed.private_area.get(), sealed.public_area.get(),
                      &object) == TSS2_RC_SUCCESS);
    const auto auth = to_tpm2b<TPM2B_AUTH>(object_auth);
    REQUIRE(Esys_TR_SetAuth(f.esys, object, &auth) == TSS2_RC_SUCCESS);
    KnownSession known;
    const ESYS_TR session = f.start(known, TPMA_SESSION_ENCRYPT);
    TPM2B_SENSITIVE_DATA* data = nullptr;
    REQUIRE(Esys_Unseal(f.esys, object, session, ESYS_TR_NONE, ESYS_TR_NONE, &data) ==
            TSS2_RC_SUCCESS);
    CHECK(equal(view_of(*data), secret_data));
    Esys_Free(data);

    const Recorded command = parse_command(f.tcti.last().command, 1);
    const SessionRecord& sent = command.sessions.at(0);
    const std::vector<Bytes> names{f.name(object)};
    const Bytes command_hash = cp_hash(command.code, names, command.parameters);
    HmacInput input{command_hash, sent.nonce, known.nonce_tpm};
    input.attributes = sent.attributes;
    CHECK(session_hmac(known.key, object_auth, input) == sent.hmac);
    CHECK(session_hmac(known.key, {}, input) != sent.hmac);

    const Recorded response = parse_response(f.tcti.last().response);
    const SessionRecord& got = response.sessions.at(0);
    Bytes parameter = to_bytes(Cursor(response.parameters).sized());
    CHECK(parameter != secret_data);
    crypt_parameter(Direction::decrypt, known.key, object_auth, got.nonce, sent.nonce, parameter);
    CHECK(parameter == secret_data);
}

TEST_CASE("ESYS and we agree on the first session's HMAC when a second one encrypts") {
    EsysFixture f;
    KnownSession first_known;
    KnownSession second_known;
    const ESYS_TR first = f.start(first_known, 0);
    const auto attributes = GENERATE(as<TPMA_SESSION>{}, TPMA_SESSION_DECRYPT, TPMA_SESSION_ENCRYPT,
                                     TPMA_SESSION_DECRYPT | TPMA_SESSION_ENCRYPT);
    const ESYS_TR second = f.start(second_known, attributes);
    seal(f, first, second);
    const Recorded command = parse_command(f.tcti.last().command, 1);
    REQUIRE(command.sessions.size() == 2);
    const std::vector<Bytes> names{f.name(f.parent)};
    const Bytes command_hash = cp_hash(command.code, names, command.parameters);
    HmacInput input{command_hash, command.sessions[0].nonce, first_known.nonce_tpm};
    if ((attributes & TPMA_SESSION_DECRYPT) != 0)
        input.nonce_tpm_decrypt = second_known.nonce_tpm;
    else
        input.nonce_tpm_encrypt = second_known.nonce_tpm;
    input.attributes = command.sessions[0].attributes;
    CHECK(session_hmac(first_known.key, {}, input) == command.sessions[0].hmac);
    HmacInput other{command_hash, command.sessions[1].nonce, second_known.nonce_tpm};
    other.attributes = command.sessions[1].attributes;
    CHECK(session_hmac(second_known.key, {}, other) == command.sessions[1].hmac);
}
