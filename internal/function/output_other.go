//go:build !unix

package function

import (
	"errors"
	"os"
)

// readAvailable is never called: startProcess refuses on this system.
func readAvailable(*os.File, []byte, int, func([]byte)) error { return errors.ErrUnsupported }
