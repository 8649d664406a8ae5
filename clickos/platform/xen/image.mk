# SPDX-License-Identifier: Apache-2.0
# Guest images to install, in $(BUILD)/images/$(IMAGE): the image `clickos` with its symbols aside in clickos.debug, its
# manifest clickos.json, its bill of materials clickos.spdx.json, and `elements`, a list for `click --elements-from`.
#
#   make image                                                      every element
#   make image IMAGE=bridge ELEMENTS='FromDevice ToDevice'          these elements
#   make image IMAGE=router CONFIG=router.click                     those that a configuration uses

IMAGE ?= full
ELEMENTS ?=
CONFIG ?=
IMAGE_FOLDER = $(BUILD)/images/$(IMAGE)
SELECTION = $(if $(CONFIG),--configuration '$(CONFIG)',--elements '$(ELEMENTS)')

.PHONY: image always
image: $(IMAGE_FOLDER)/clickos
	@python3 image_manifest.py --name '$(IMAGE)' --version '$(VERSION)' --compiler "$$(g++ --version | head -n 1)" $(IMAGE_FOLDER)

# An element's file that is not selected is linked only if another needs its code.
$(BUILD)/guest/elements.a: $(GUEST_ELEMENT_OBJECTS)
	@rm -f $@
	@ar rcsD $@ $^

# The objects of the selected elements; it is as old as the selection, so that another selection links again.
$(IMAGE_FOLDER)/objects: always $(GUEST_ELEMENTS)
	@mkdir -p $(@D)
	@$(if $(and $(ELEMENTS),$(CONFIG)),echo 'cannot select elements: both ELEMENTS and CONFIG are given; give one' >&2; exit 1)
	@$(if $(filter full,$(IMAGE)),$(if $(ELEMENTS)$(CONFIG),\
	  echo 'cannot select elements of image full: it has every element; give IMAGE=NAME too' >&2; exit 1,\
	  printf '%s\n' $(GUEST_ELEMENTS) > $@.new),\
	  python3 element_sources.py $(SELECTION) $(GUEST_ELEMENTS) > $@.new)
	@sed -i 's|^\(.*\)\.cc$$|$(BUILD)/guest/\1.o|' $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(IMAGE_FOLDER)/clickos: $(IMAGE_FOLDER)/objects $(GUEST_OBJECTS) $(BUILD)/guest/elements.a platform/xen/guest.ld
	$(call link_guest,$(GUEST_BASE_OBJECTS) @$< $(BUILD)/guest/elements.a)

# The same source gives the same image and the same symbols, in whatever folder it lies: shown by an image of CHECKED, for which only
# the sources that the linker took are compiled again.
CHECKED ?= ARPQuerier ARPResponder CheckIPHeader Classifier DecIPTTL FromDevice ICMPError IPFragmenter IPRewriter Queue RadixIPLookup ToDevice
CHECKED_IMAGE = images/checked/clickos
COPY = $(BUILD)/copy/elsewhere

.PHONY: image-check
image-check: $(BUILD)/clickos
	@$(MAKE) --no-print-directory image IMAGE=checked ELEMENTS='$(CHECKED)'
	@rm -rf $(BUILD)/copy && mkdir -p $(COPY)
	@cp -R --parents -t $(COPY) Makefile VERSION *.py core elements include lang lib net platform
	@$(MAKE) --no-print-directory -C $(COPY) BUILD=build image IMAGE=checked ELEMENTS='$(CHECKED)' \
	  GUEST_ELEMENTS="$$(echo $$(sed 's|^$(BUILD)/guest/\(.*\)\.o$$|\1.cc|' $(BUILD)/images/checked/objects) \
	    $$(ls $$(sed -n 's|^$(BUILD)/guest/elements\.a(\(.*\)\.o)$$|elements/*/\1.cc|p' $(BUILD)/$(CHECKED_IMAGE).map)))"
	cmp $(BUILD)/$(CHECKED_IMAGE) $(COPY)/build/$(CHECKED_IMAGE)
	cmp $(BUILD)/$(CHECKED_IMAGE).debug $(COPY)/build/$(CHECKED_IMAGE).debug
