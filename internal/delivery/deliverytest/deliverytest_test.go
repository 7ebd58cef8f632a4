package deliverytest_test

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"

	"stormbus/internal/delivery"
	"stormbus/internal/delivery/deliverytest"
)

// memory is the simplest correct target.
type memory struct {
	mu  sync.Mutex
	got [][]byte
}

func (m *memory) deliver(ctx context.Context, d delivery.Delivery) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.got = append(m.got, bytes.Clone(d.Payload))
	return nil
}

func TestRun(t *testing.T) {
	t.Parallel()
	deliverytest.Run(t, func(testing.TB) deliverytest.Subject {
		m := &memory{}
		return deliverytest.Subject{
			Target:  delivery.Each(m.deliver),
			Payload: func(n int) []byte { return fmt.Appendf(nil, `{"n":%d}`, n) },
			Arrived: func(testing.TB) [][]byte { return m.got },
			Missing: delivery.Each(func(context.Context, delivery.Delivery) error {
				return &delivery.Failure{Code: delivery.CodeNoResource, Message: "there is no such memory", Permanent: true}
			}),
		}
	})
}
