package python_test

import (
	"testing"

	"stormbus/test/python"
)

func TestPrepare(t *testing.T) {
	python.Unittest(t, python.Any(t), ".")
}
