# SPDX-License-Identifier: Apache-2.0
# The engine as the first and only process of a Linux guest: $(BUILD)/click-guest, a static program.

.PHONY: linux-guest
linux-guest: $(BUILD)/click-guest

LINUX_GUEST_SOURCES := $(filter-out platform/linux/panic.cc, $(LINUX)) $(wildcard platform/linux_guest/*.cc) \
                       $(addprefix platform/xen_control/,control.cc control_requests.cc log.cc outbox.cc panic.cc sha256.cc xenstore.cc) \
                       $(wildcard platform/xen_control/elements/*.cc) platform/freestanding.cc
LINUX_GUEST_OBJECTS := $(LINUX_GUEST_SOURCES:%.cc=$(BUILD)/%.o)

$(BUILD)/click-guest: $(ENGINE_OBJECTS) $(LINUX_GUEST_OBJECTS)
	$(link_program)

# An image of it to install, with Debian's kernel: $(BUILD)/images/linux-guest-$(LINUX_GUEST).
LINUX_GUEST ?= debian
LINUX_GUEST_KERNEL ?= linux-image-cloud-amd64

.PHONY: linux-guest-image
linux-guest-image: $(BUILD)/click-guest
	@python3 linux_guest_image.py --version '$(VERSION)' --program $< --kernel '$(LINUX_GUEST_KERNEL)' \
	  --packages $(BUILD)/packages $(BUILD)/images/linux-guest-$(LINUX_GUEST)

-include $(LINUX_GUEST_OBJECTS:.o=.d)
