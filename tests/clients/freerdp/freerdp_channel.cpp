// SPDX-License-Identifier: Apache-2.0
#include "freerdp_channel.hpp"

#include <freerdp/addin.h>
#include <freerdp/channels/rdpdr.h>
#include <freerdp/client/channels.h>
#include <freerdp/freerdp.h>
#include <freerdp/settings.h>
#include <winpr/stream.h>

#include <chrono>
#include <future>
#include <stdexcept>

namespace tpmvsc::test {

namespace {

/// The device announces itself once, while its entry point runs.
DEVICE* announced = nullptr;

UINT remember(DEVMAN*, DEVICE* device) {
    announced = device;
    return 0;
}

/// A request and the one who waits for it.
struct Request {
    IRP irp{};
    std::promise<UINT32> completed;
};

/// FreeRDP has written the answer. IRP is the first member of Request.
UINT complete(IRP* irp) {
    reinterpret_cast<Request*>(irp)->completed.set_value(irp->IoStatus);
    return 0;
}

} // namespace

struct FreeRdpChannel::Parts {
    freerdp* instance = nullptr;
    DEVICE* device = nullptr;
    RDPDR_SMARTCARD description{};
    UINT32 last_request = 0;
};

FreeRdpChannel::FreeRdpChannel() : parts_(std::make_unique<Parts>()) {
    parts_->instance = freerdp_new();
    if (parts_->instance == nullptr || !freerdp_context_new(parts_->instance)) {
        throw std::runtime_error("FreeRDP has no context");
    }
    freerdp_register_addin_provider(freerdp_channels_load_static_addin_entry, 0);
    const auto entry = reinterpret_cast<PDEVICE_SERVICE_ENTRY>(
        freerdp_load_channel_addin_entry("smartcard", nullptr, "DeviceServiceEntry", 0));
    if (entry == nullptr) {
        throw std::runtime_error("this FreeRDP has no smart card redirection");
    }
    DEVICE_SERVICE_ENTRY_POINTS points{};
    points.RegisterDevice = remember;
    points.device = reinterpret_cast<RDPDR_DEVICE*>(&parts_->description);
    points.rdpcontext = parts_->instance->context;
    if (entry(&points) != 0 || announced == nullptr) {
        throw std::runtime_error("the smart card redirection did not start");
    }
    parts_->device = announced;
    if (parts_->device->Init != nullptr) {
        parts_->device->Init(parts_->device);
    }
}

FreeRdpChannel::~FreeRdpChannel() {
    if (parts_->device != nullptr && parts_->device->Free != nullptr) {
        parts_->device->Free(parts_->device);
    }
    if (parts_->instance != nullptr) {
        freerdp_context_free(parts_->instance);
        freerdp_free(parts_->instance);
    }
}

Bytes FreeRdpChannel::call(RedirectedCall code, ByteView input) {
    constexpr UINT32 most_output = 70000;
    constexpr std::size_t padding = 20;
    constexpr std::chrono::seconds limit{30};
    // FreeRDP keeps hold of a request that it has not answered.
    auto* const request = new Request;
    IRP& irp = request->irp;
    irp.device = parts_->device;
    irp.CompletionId = ++parts_->last_request;
    irp.MajorFunction = IRP_MJ_DEVICE_CONTROL;
    irp.Complete = complete;
    irp.Discard = complete;
    irp.input = Stream_New(nullptr, 12 + padding + input.size());
    irp.output = Stream_New(nullptr, 256);
    // [MS-RDPEFS] 2.2.1.4.5.
    Stream_Write_UINT32(irp.input, most_output);
    Stream_Write_UINT32(irp.input, static_cast<UINT32>(input.size()));
    Stream_Write_UINT32(irp.input, static_cast<UINT32>(code));
    Stream_Zero(irp.input, padding);
    Stream_Write(irp.input, input.data(), input.size());
    Stream_SealLength(irp.input);
    Stream_SetPosition(irp.input, 0);
    Stream_Seek(irp.output, RDPDR_DEVICE_IO_RESPONSE_LENGTH);
    auto completed = request->completed.get_future();
    if (parts_->device->IRPRequest(parts_->device, &irp) != 0 ||
        completed.wait_for(limit) != std::future_status::ready) {
        throw std::runtime_error("FreeRDP did not answer");
    }
    constexpr std::size_t header = RDPDR_DEVICE_IO_RESPONSE_LENGTH + 4;
    const UINT32 status = completed.get();
    const ByteView written{Stream_Buffer(irp.output), Stream_GetPosition(irp.output)};
    const Bytes answer = to_bytes(written.subspan(std::min(header, written.size())));
    Stream_Free(irp.input, TRUE);
    Stream_Free(irp.output, TRUE);
    delete request;
    if (status != 0) {
        throw std::runtime_error("FreeRDP answered status " + std::to_string(status));
    }
    return answer;
}

} // namespace tpmvsc::test
