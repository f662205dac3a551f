check:  ## everything CI runs
	./.ci/run

.PHONY: check
