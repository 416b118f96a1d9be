-- Sends the signed calls that load/sign.py wrote, each of them once:
--
--     wrk --threads 2 --connections 16 --duration 8s --script load/wrk.lua http://127.0.0.1:PORT -- FILE 2
--
-- After the `--` stand the file and once more the number of threads. Every thread reads its own part of the file. At the
-- end one line says what happened; a run in which an answer was not a success or the calls ran out is not worth its rate.

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(arguments)
  local count = tonumber(arguments[2])
  calls = assert(io.open(arguments[1], "rb"))
  local size = calls:seek("end")
  local from = math.floor(size / count * number)
  left = math.floor(size / count * (number + 1)) - from
  calls:seek("set", from)
  if number > 0 then
    left = left - #calls:read("*l") - 1 -- the rest of a line that is the previous thread's
  end
  ran_out = 0
  tail = " HTTP/1.1\r\nHost: " .. wrk.host .. ":" .. wrk.port .. "\r\nContent-Length: 0\r\n\r\n"
end

function request()
  local query = left > 0 and calls:read("*l")
  if not query then
    ran_out = 1
    wrk.thread:stop()
    query = ""
  else
    left = left - #query - 1
  end
  return "POST /?" .. query .. tail
end

function done(summary, latency)
  local errors = summary.errors
  local exhausted = 0
  for _, thread in ipairs(threads) do
    exhausted = exhausted + thread:get("ran_out")
  end
  print(string.format(
    "result: calls %d rate %.0f refused %d broken %d exhausted %d p50_us %d p99_us %d",
    summary.requests, summary.requests / summary.duration * 1e6, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout, exhausted,
    latency:percentile(50), latency:percentile(99)))
end
