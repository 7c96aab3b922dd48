#!/bin/sh
# Formats the data folder once, then runs the broker; a restarted container goes on with its data.
set -eu
cat >server.properties <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@localhost:9094
controller.listener.names=CONTROLLER
listeners=CLIENT://0.0.0.0:9092,INTERNAL://localhost:9095,CONTROLLER://localhost:9094
advertised.listeners=${KAFKA_ADVERTISED_LISTENERS:-CLIENT://localhost:9092},INTERNAL://localhost:9095
listener.security.protocol.map=CLIENT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INTERNAL
log.dirs=/var/lib/kafka/data
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
log.cleaner.threads=1
log.cleaner.dedupe.buffer.size=8388608
log.cleaner.io.buffer.size=131072
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
END
jvm="-Xms64m -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dlog4j2.configurationFile=/opt/kafka/log4j2.properties"
# shellcheck disable=SC2086  # $jvm is a list of options
java $jvm -cp '/opt/kafka/libs/*' kafka.tools.StorageTool format --ignore-formatted -t MkU3OEVBNTcwNTJENDM2Qk -c server.properties
# shellcheck disable=SC2086
exec java $jvm -cp '/opt/kafka/libs/*' kafka.Kafka server.properties
