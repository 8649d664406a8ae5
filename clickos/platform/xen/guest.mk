# SPDX-License-Identifier: Apache-2.0
# The engine as a Xen guest: $(BUILD)/clickos, one image for PV and PVH domains.
#
# The same sources as the program's, compiled for a machine without an operating system below. Of the C library only pure
# functions are linked (mem*, str*, snprintf), from musl (Debian: musl-dev); Xen's interface is libxen-dev's. Ciphers are
# BearSSL's, compiled for Linux: their red zone is safe, since no exception comes back and events are asked for.

.PHONY: xen
xen: $(BUILD)/clickos
	@python3 size_budget.py $(BUILD)/clickos.debug $(GUEST_ELEMENTS)

GUEST_ELEMENTS := $(sort $(filter elements/%,$(ENGINE)) $(wildcard platform/xen_control/elements/*.cc))
GUEST_SOURCES := $(filter-out elements/%,$(ENGINE)) $(wildcard platform/xen/*.cc platform/xen/*.S platform/xen_control/*.cc) \
                 platform/freestanding.cc
# Sorted: the order of objects is the order of their code in the image, and a folder's order differs between clones.
GUEST_BASE_OBJECTS := $(sort $(addprefix $(BUILD)/guest/,$(addsuffix .o,$(basename $(GUEST_SOURCES)))))
GUEST_ELEMENT_OBJECTS := $(GUEST_ELEMENTS:%.cc=$(BUILD)/guest/%.o)
GUEST_OBJECTS := $(GUEST_BASE_OBJECTS) $(GUEST_ELEMENT_OBJECTS)
# No red zone: Xen puts exceptions on the same stack. A canary guards each frame that has an array. Compiled for size, g++
# sees less of who initializes what than the program's build, which does warn of it. Debug symbols name no folder of this
# machine, so that the same source gives the same bytes wherever it lies. The image is optimized as a whole when it is linked,
# which takes an eighth off it, and in one part, which takes another hundredth.
GUEST_FLAGS = -mno-red-zone -mcmodel=small -fno-pic -fno-pie -fcf-protection=none -fstack-protector-strong \
              -fno-asynchronous-unwind-tables -fno-unwind-tables -Os -Wno-maybe-uninitialized -ffile-prefix-map=$(CURDIR)=. \
              -flto=auto -flto-partition=one -fno-fat-lto-objects -DCLICK_ONE_WORKER
# What every frame passes is compiled for speed: at -Os a copy becomes one byte at a time (rep movsb).
$(patsubst %,$(BUILD)/guest/%.o,core/packet platform/xen/device platform/xen/receive_ring platform/xen/send_ring): \
  GUEST_FLAGS += -O2
GUEST_LIBC = /usr/lib/x86_64-linux-musl/libc.a

# $(call link_guest,OBJECTS): links $@ and puts its symbols aside in $@.debug; $@.map says what came from where. A segment that is writable and executable does
# not link, nor does code that would have to run before main (guest.ld).
define link_guest
@echo '  LINK  $@'
@gcc $(CXXFLAGS) $(GUEST_FLAGS) -nostdlib -static -no-pie -Wl,--gc-sections,--build-id=none,-z,max-page-size=4096,-z,noexecstack \
  -Wl,--warn-rwx-segments,--fatal-warnings,-Map,$@.map -T platform/xen/guest.ld -o $@ $(1) \
  -Wl,-Bstatic -Wl,--start-group $(CRYPTOGRAPHY) -lstdc++ $(GUEST_LIBC) -lgcc -Wl,--end-group
@objcopy --only-keep-debug $@ $@.debug
@objcopy --strip-all --add-gnu-debuglink=$@.debug $@
endef

$(BUILD)/clickos: $(GUEST_OBJECTS) platform/xen/guest.ld
	$(call link_guest,$(GUEST_OBJECTS))

# Not by ccache: what it kept from another folder names that one in the symbols.
$(BUILD)/guest/%.o: %.cc
	@mkdir -p $(@D)
	@echo '  CXX   $< (guest)'
	@g++ $(CPPFLAGS) $(CXXFLAGS) $(GUEST_FLAGS) -c -o $@ $<

$(BUILD)/guest/%.o: %.S
	@mkdir -p $(@D)
	@echo '  AS    $< (guest)'
	@gcc $(CPPFLAGS) -c -o $@ $<

-include $(GUEST_OBJECTS:.o=.d)

# A guest that does nothing, to compare with.
.PHONY: empty-guest
empty-guest: $(BUILD)/empty-guest

$(BUILD)/empty-guest: platform/xen/test/empty_guest.S platform/xen/elf_note.h platform/xen/guest.ld
	@echo '  AS    $<'
	@gcc $(filter-out -MMD -MP,$(CPPFLAGS)) -nostdlib -static -no-pie -Wl,--build-id=none,-z,noexecstack -T platform/xen/guest.ld \
	  -o $@ $<

# The guest's own code as a Linux program, the domain around it played by platform/xen/test/domain.cc.
.PHONY: xen-check
xen-check: $(BUILD)/guest-tests $(BUILD)/xenstore-tests
	$(BUILD)/guest-tests
	# A panic is thrown through code that is compiled without exceptions, so nothing is freed on its way.
	ASAN_OPTIONS=detect_leaks=0 $(BUILD)/xenstore-tests

# Among them are a backend and a XenStore daemon that write anything into their rings.
.PHONY: xen-asan-check
xen-asan-check:
	+$(MAKE_ASAN) xen-check

# What of the guest runs in a played domain: XenBus and the rings.
PLAYED := $(addprefix platform/xen_control/,control.cc control_requests.cc outbox.cc sha256.cc) \
          $(addprefix platform/xen/,decimal.cc granted_pages.cc guest.cc interfaces.cc netfront.cc netfront_queue.cc \
            device.cc printf.cc receive_ring.cc send_ring.cc)
GUEST_TEST_OBJECTS := $(patsubst %.cc,$(BUILD)/%.o,$(wildcard platform/xen/test/*.cc) $(PLAYED)) $(BUILD)/test_main.o

# Devices and their addresses are the guest's.
GUEST_TEST_LINUX := $(filter-out $(addprefix $(BUILD)/platform/linux/,device.o interface_addresses.o), $(LINUX_OBJECTS))
$(BUILD)/guest-tests: $(GUEST_TEST_OBJECTS) $(ENGINE_OBJECTS) $(GUEST_TEST_LINUX)
	@echo '  LINK  $@'
	@g++ $(SANITIZE) -o $@ $^ $(CRYPTOGRAPHY) $(XDP)

XENSTORE_TEST_OBJECTS := $(addprefix $(BUILD)/,platform/xen/test/xenstore/xenstore_test.o platform/xen/xenstore_ring.o \
                           platform/xen_control/xenstore.o lang/confparse.o lib/format.o test_main.o)

$(BUILD)/xenstore-tests: $(XENSTORE_TEST_OBJECTS)
	@echo '  LINK  $@'
	@g++ $(SANITIZE) -o $@ $^

# Instructions per frame of the guest's code, compiled as for the guest, in the played domain (needs valgrind).
.PHONY: xen-bench-instructions
xen-bench-instructions: $(BUILD)/forward_bench
	python3 platform/xen/bench/instructions.py $<

FORWARD_BENCH_OBJECTS := $(patsubst %.cc,$(BUILD)/guest/%.o,$(ENGINE) $(PLAYED)) \
                         $(patsubst %,$(BUILD)/platform/%.o,linux/panic linux/platform linux/poller xen/test/domain \
                           xen/bench/forward_bench)

$(BUILD)/forward_bench: $(FORWARD_BENCH_OBJECTS)
	@echo '  LINK  $@'
	@g++ -no-pie -o $@ $^ $(CRYPTOGRAPHY)

-include $(GUEST_TEST_OBJECTS:.o=.d) $(XENSTORE_TEST_OBJECTS:.o=.d) $(FORWARD_BENCH_OBJECTS:.o=.d)
