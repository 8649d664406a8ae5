// SPDX-License-Identifier: Apache-2.0
//
// The program is written here in BPF's instructions and attached by libbpf. That of libxdp is an object file beside the library,
// which a machine that gets only the program click does not have (docs/decisions/0023-xdp-program-of-five-instructions.md).
#include "platform/linux/xdp_program.hh"

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <linux/if_link.h>

#include <click/errorhandler.hh>
#include <click/worker.hh>

#include <cerrno>
#include <cstddef>
#include <map>

namespace click {

namespace {

using platform::Descriptor;

constinit SpinLock attached_lock;
constinit std::map<unsigned, std::weak_ptr<XdpProgram>>* attached = nullptr;

/// `return bpf_redirect_map(&map, ctx->rx_queue_index, XDP_PASS)`: where the map has no socket, the last argument is returned
/// (Linux 5.3).
int load_program(int map) {
    const bpf_insn instructions[] = {
        {BPF_LDX | BPF_MEM | BPF_W, BPF_REG_2, BPF_REG_1, offsetof(xdp_md, rx_queue_index), 0},
        {BPF_LD | BPF_IMM | BPF_DW, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, map},
        {},
        {BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, 0, XDP_PASS},
        {BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_redirect_map},
        {BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
    };
    return bpf_prog_load(BPF_PROG_TYPE_XDP, "click", "Apache-2.0", instructions, std::size(instructions), nullptr);
}

int attach_link(int program, unsigned index, uint32_t mode) {
    bpf_link_create_opts options{};
    options.sz = sizeof options;
    options.flags = mode;
    return bpf_link_create(program, static_cast<int>(index), BPF_XDP, &options);
}

}  // namespace

std::shared_ptr<XdpProgram> XdpProgram::attach(const std::string& name, unsigned index, unsigned queues,
                                               ErrorHandler& errh) {
    SpinLock::Hold hold(&attached_lock);
    if (!attached) {
        attached = new std::map<unsigned, std::weak_ptr<XdpProgram>>;
    }
    if (std::shared_ptr<XdpProgram> program = (*attached)[index].lock()) {
        return program;
    }
    int map = bpf_map_create(BPF_MAP_TYPE_XSKMAP, "click", sizeof(uint32_t), sizeof(int), queues, nullptr);
    Descriptor program(map < 0 ? -1 : load_program(map));
    if (program.get() < 0) {
        platform::refuse(errh, name, "METHOD XDP: cannot load the XDP program");
        if (map >= 0) {
            close(map);
        }
        return nullptr;
    }
    bool native = true;
    int link = attach_link(program.get(), index, XDP_FLAGS_DRV_MODE);
    if (link < 0 && errno == EOPNOTSUPP) {
        native = false;
        link = attach_link(program.get(), index, XDP_FLAGS_SKB_MODE);
    }
    if (link < 0) {
        bool taken = errno == EBUSY || errno == EEXIST;
        platform::refuse(errh, name,
                         taken ? "METHOD XDP: another XDP program is attached (ip link shows it)"
                               : "METHOD XDP: cannot attach the XDP program");
        close(map);
        return nullptr;
    }
    auto made = std::make_shared<XdpProgram>(map, link, native);
    (*attached)[index] = made;
    return made;
}

bool XdpProgram::serve(unsigned queue, int socket) const {
    return bpf_map_update_elem(_map.get(), &queue, &socket, BPF_ANY) == 0;
}

void XdpProgram::leave(unsigned queue) const { bpf_map_delete_elem(_map.get(), &queue); }

}  // namespace click
