// SPDX-License-Identifier: Apache-2.0
//
// A plugin of QEMU's that counts the instructions which an emulated machine executes between two addresses, into the first
// eight bytes of a file that others may read at any time. ClickOS runs at addresses where nothing else on a Xen host does.
//   -plugin executed.so,from=0x100000,to=0x200000,count=PATH
// The interface is that of QEMU's documentation, "QEMU TCG Plugins", version 1; Debian packages no header of it.
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_info_t;
struct qemu_plugin_tb;
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                           void (*callback)(qemu_plugin_id_t, struct qemu_plugin_tb*));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb* block, enum qemu_plugin_op op, void* counter,
                                              uint64_t increment);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb* block);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb* block);

#define EXPORTED __attribute__((visibility("default")))

EXPORTED int qemu_plugin_version = 1;

static uint64_t from;
static uint64_t to;
static uint64_t* executed;

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb* block) {
    (void)id;
    uint64_t address = qemu_plugin_tb_vaddr(block);
    if (address >= from && address < to) {
        qemu_plugin_register_vcpu_tb_exec_inline(block, QEMU_PLUGIN_INLINE_ADD_U64, executed,
                                                 qemu_plugin_tb_n_insns(block));
    }
}

/// The value of the argument `name`, which has its equals sign at the end; null when it is not this one.
static const char* value_of(const char* argument, const char* name) {
    size_t length = strlen(name);
    return strncmp(argument, name, length) == 0 ? argument + length : NULL;
}

EXPORTED int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t* info, int argc, char** argv) {
    (void)info;
    const char* path = "";
    for (int i = 0; i < argc; ++i) {
        const char* value;
        if ((value = value_of(argv[i], "from=")) != NULL) {
            from = strtoull(value, NULL, 0);
        } else if ((value = value_of(argv[i], "to=")) != NULL) {
            to = strtoull(value, NULL, 0);
        } else if ((value = value_of(argv[i], "count=")) != NULL) {
            path = value;
        }
    }
    int file = open(path, O_RDWR | O_CREAT, 0644);
    if (file < 0 || ftruncate(file, sizeof *executed) < 0) {
        return 1;
    }
    executed = mmap(NULL, sizeof *executed, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (executed == MAP_FAILED) {
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
