// SPDX-License-Identifier: Apache-2.0
#include "tests/tpm/recording_tcti.hpp"

#include <tss2/tss2_tctildr.h>

#include <stdexcept>

namespace tpmvsc::test {

RecordingTcti::RecordingTcti(const std::string& tcti) {
    if (Tss2_TctiLdr_Initialize(tcti.c_str(), &inner_) != TSS2_RC_SUCCESS)
        throw std::runtime_error("no TPM at " + tcti);
    context_.common.v1.magic = 0x7265636f7264ULL;
    context_.common.v1.version = 2;
    context_.common.v1.transmit = transmit;
    context_.common.v1.receive = receive;
    context_.owner = this;
}

RecordingTcti::~RecordingTcti() {
    Tss2_TctiLdr_Finalize(&inner_);
}

TSS2_RC RecordingTcti::transmit(TSS2_TCTI_CONTEXT* self, size_t size, const uint8_t* command) {
    RecordingTcti& owner = *reinterpret_cast<Context*>(self)->owner;
    owner.exchanges_.push_back({Bytes(command, command + size), {}});
    return Tss2_Tcti_Transmit(owner.inner_, size, command);
}

TSS2_RC RecordingTcti::receive(TSS2_TCTI_CONTEXT* self, size_t* size, uint8_t* response,
                               int32_t timeout) {
    RecordingTcti& owner = *reinterpret_cast<Context*>(self)->owner;
    const TSS2_RC rc = Tss2_Tcti_Receive(owner.inner_, size, response, timeout);
    if (rc == TSS2_RC_SUCCESS && response != nullptr)
        owner.exchanges_.back().response = Bytes(response, response + *size);
    return rc;
}

} // namespace tpmvsc::test
