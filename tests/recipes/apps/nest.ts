import 'reflect-metadata'
import { Controller, Module, Post, Req, Res } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { PORT, verify } from './verify.mjs'

@Controller()
class Hooks {
  RECIPE_REST
}

@Module({ controllers: [Hooks] })
class AppModule {}

RECIPE_FIRST
await app.listen(PORT, '127.0.0.1')
