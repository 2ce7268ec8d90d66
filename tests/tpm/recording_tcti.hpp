// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <tss2/tss2_tcti.h>

#include <string>
#include <vector>

namespace tpmvsc::test {

/// Exchange is one command and its response as they went over the wire.
struct Exchange {
    Bytes command;
    Bytes response;
};

/// RecordingTcti passes everything on to the TPM behind `tcti` and keeps a copy.
class RecordingTcti {
  public:
    explicit RecordingTcti(const std::string& tcti);
    ~RecordingTcti();
    RecordingTcti(const RecordingTcti&) = delete;
    RecordingTcti& operator=(const RecordingTcti&) = delete;

    TSS2_TCTI_CONTEXT* context() { return reinterpret_cast<TSS2_TCTI_CONTEXT*>(&context_); }
    const std::vector<Exchange>& exchanges() const { return exchanges_; }
    const Exchange& last() const { return exchanges_.back(); }

  private:
    static TSS2_RC transmit(TSS2_TCTI_CONTEXT* self, size_t size, const uint8_t* command);
    static TSS2_RC receive(TSS2_TCTI_CONTEXT* self, size_t* size, uint8_t* response,
                           int32_t timeout);

    struct Context {
        TSS2_TCTI_CONTEXT_COMMON_V2 common;
        RecordingTcti* owner;
    } context_{};
    TSS2_TCTI_CONTEXT* inner_ = nullptr;
    std::vector<Exchange> exchanges_;
};

} // namespace tpmvsc::test
