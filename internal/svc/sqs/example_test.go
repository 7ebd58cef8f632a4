package sqs_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"

	"stormbus/internal/arn"
	"stormbus/internal/clock"
	"stormbus/internal/lineage"
	shape "stormbus/internal/shape/sqs"
	"stormbus/internal/store"
	"stormbus/internal/svc/sqs"
	"stormbus/internal/wire"
)

func Example() {
	if err := run(); err != nil {
		fmt.Println(err)
	}
	// Output: hello
}

func run() (err error) {
	dir, err := os.MkdirTemp("", "sqs")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	st, err := store.Open(dir, store.Options{Heads: []string{sqs.Heads}})
	if err != nil {
		return err
	}
	defer st.Close()
	s := sqs.New(sqs.Config{Store: st, Lineage: lineage.New(lineage.Config{Store: st}), Clock: clock.Real(), Random: rand.Reader, Logger: slog.New(slog.DiscardHandler)})
	defer s.Close()

	// What the wire puts into the context of a request.
	scope := arn.Scope{Region: "eu-west-1", Account: "123456789012"}
	ctx := wire.NewContext(context.Background(), wire.Request{Scope: scope, BaseURL: "http://localhost:4566"})
	if err := s.Start(ctx); err != nil {
		return err
	}
	name := "orders"
	queue, err := s.CreateQueue(ctx, &shape.CreateQueueInput{QueueName: &name})
	if err != nil {
		return err
	}
	// As a rule's target does it; a client would call SendMessage.
	for _, err := range s.Send(ctx, scope.Queue(name), []sqs.Outgoing{{Body: "hello"}}) {
		if err != nil {
			return err
		}
	}
	got, err := s.ReceiveMessage(ctx, &shape.ReceiveMessageInput{QueueUrl: queue.QueueUrl})
	if err != nil {
		return err
	}
	for _, m := range got.Messages {
		fmt.Println(*m.Body)
	}
	return nil
}
